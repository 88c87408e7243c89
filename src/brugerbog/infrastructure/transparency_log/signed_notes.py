"""Signed notes (C2SP signed-note): a text, and under it a signature line for each key."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_SIZE: Final = 32
_ED25519: Final = b"\x01"
_KEY_ID_SIZE: Final = 4
_LARGEST: Final = 1 << 20
_SIGNATURE_LINE: Final = re.compile("\u2014 ([^ ]+) ([^ ]+)")
_VERIFIER_KEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_NAME: Final = re.compile(r"[^\s+]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Malformed(ValueError):
    """A checkpoint, manifest, proof, note or key is not in the form of docs/log-format.md."""


class NoKnownSignature(ValueError):
    """None of the known keys has signed the note."""


class WrongSignature(ValueError):
    """The signature of a known key under the note doesn't match its text."""


class Signer(Protocol):
    """A signer, which never shows its private key."""

    @property
    def name(self) -> str:
        """The key's name, as in the signature line."""
        ...

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that verify the signatures."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of the message."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key that verifies signatures: its name and the 32 bytes of an Ed25519 public key.

    Raises: Malformed when the name is empty or has a space or plus in it, or the key isn't 32 bytes.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or _CONTROL.search(self.name):
            raise Malformed("a key's name is text without white space and plus")
        if len(self.public_key) != SEED_SIZE:
            raise Malformed("an Ed25519 public key is 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The four bytes that distinguish this key from others of the same name."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID_SIZE]

    def text(self) -> str:
        """Return the key as one line (C2SP: vkey), with no line end."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(_ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Parse the result of `text`. Raises: Malformed for anything else."""
        found = _VERIFIER_KEY.fullmatch(line)
        if not found:
            raise Malformed("a verifier key is name+key id+key")
        material = from_base64(found[3])
        if material[:1] != _ED25519:
            raise Malformed("the key isn't of Ed25519")
        key = cls(found[1], material[1:])
        if key.text() != line:
            raise Malformed("the key id isn't that of the key")
        return key


class Ed25519Signer:
    """A signer with a key in memory."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the key's name and its 32-byte seed (RFC 8032).

        Raises: ValueError when the seed has another length, Malformed when the name is invalid.
        """
        if len(seed) != SEED_SIZE:
            raise ValueError("the seed of a signing key is 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()
        self.name = VerifierKey(name, self.public_key).name

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class Note:
    """The text of a note, and the known keys that signed it."""

    text: str
    verified_keys: tuple[VerifierKey, ...]


def key_name(log_id: UUID) -> str:
    """Return the name of a log's keys, which is also the origin of its checkpoints."""
    return f"brugerbog/{log_id}"


def verifier_key(signer: Signer) -> VerifierKey:
    """Return the key that verifies the signer's signatures."""
    return VerifierKey(signer.name, signer.public_key)


def key_file(keys: Iterable[VerifierKey]) -> bytes:
    """Return the content of a file of verifier keys, one a line."""
    return "".join(f"{key.text()}\n" for key in keys).encode()


def parse_key_file(content: bytes) -> list[VerifierKey]:
    """Parse a file of verifier keys, one a line. Raises: Malformed when it has none, or anything else."""
    text = _decoded(content)
    if not text.endswith("\n"):
        raise Malformed("a file of keys is ended lines")
    return [VerifierKey.parse(line) for line in text[:-1].split("\n")]


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """Return the note: the text, a blank line, and a signature line for each signer.

    Raises: Malformed when the text is not lines, each ended, without control characters; ValueError without
    signers.
    """
    if not signers:
        raise ValueError("a note has at least one signer")
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("the text of a note is lines without control characters")
    lines = [
        f"\u2014 {one.name} {to_base64(verifier_key(one).key_id + one.sign(text.encode()))}\n"
        for one in signers
    ]
    return f"{text}\n{''.join(lines)}".encode()


def verify_note(note: bytes, keys: Iterable[VerifierKey]) -> Note:
    """Return the text of a note, if at least one of the keys has signed it.

    Signatures of other keys are skipped, as the specification demands. Raises: Malformed; NoKnownSignature;
    WrongSignature, also when another known key's signature is right.
    """
    text, separator, below = _decoded(note).rpartition("\n\n")
    if not separator or not below.endswith("\n"):
        raise Malformed("a note is text, a blank line and signature lines")
    text += "\n"
    known = {(key.name, key.key_id): key for key in keys}
    vouching = []
    for line in below[:-1].split("\n"):
        name, key_id, signature = _signature_line(line)
        if key := known.get((name, key_id)):
            _check(key, signature, text.encode())
            vouching.append(key)
    if not vouching:
        raise NoKnownSignature("no known key has signed this note")
    return Note(text, tuple(vouching))


def to_base64(content: bytes) -> str:
    """Return RFC 4648 §4 base64, with its padding."""
    return b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """Decode RFC 4648 §4 base64 in its canonical form. Raises: Malformed for anything else."""
    try:
        content = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("this is not base64") from error
    if to_base64(content) != text:
        raise Malformed("this base64 could be written otherwise")
    return content


def _decoded(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Malformed("this is not UTF-8") from error
    if len(content) > _LARGEST or _CONTROL.search(text):
        raise Malformed("this is too large, or has control characters in it")
    return text


def _signature_line(line: str) -> tuple[str, bytes, bytes]:
    found = _SIGNATURE_LINE.fullmatch(line)
    if not found or not _NAME.fullmatch(found[1]):
        raise Malformed("a signature line is a dash, the key's name and the signature")
    content = from_base64(found[2])
    if len(content) <= _KEY_ID_SIZE:
        raise Malformed("a signature comes after its key id")
    return found[1], content[:_KEY_ID_SIZE], content[_KEY_ID_SIZE:]


def _check(key: VerifierKey, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise WrongSignature("a known key's signature isn't of this text") from error

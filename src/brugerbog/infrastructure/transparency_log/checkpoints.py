"""The texts that a log's keys sign: checkpoints and the manifests of exports (docs/log-format.md).

Each text has only one valid form. So parsing writes the parsed text again and compares.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from brugerbog.infrastructure.crypto.tree_hash import HASH_SIZE
from brugerbog.infrastructure.transparency_log import signed_notes
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Malformed,
    NoKnownSignature,
    Signer,
    VerifierKey,
    key_name,
)

LARGEST_SIZE: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_NOTHING: Final = "-"


class SignedText(ABC):
    """A text about a log, signed by the log's keys."""

    log_id: UUID

    @abstractmethod
    def text(self) -> str:
        """Return the text to sign: lines, each ended."""

    @classmethod
    @abstractmethod
    def _parse_lines(cls, lines: list[str]) -> Self:
        """Parse the lines; ValueError, TypeError or IndexError when they are no such text."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the result of `text`. Raises: Malformed for anything else."""
        try:
            read = cls._parse_lines(text.removesuffix("\n").split("\n"))
        except (ValueError, TypeError, IndexError) as error:
            raise Malformed(f"this is no {cls.__name__}") from error
        if read.text() != text:
            raise Malformed(f"this {cls.__name__} could be written otherwise")
        return read

    def sign(self, signers: Sequence[Signer]) -> bytes:
        """Return the signed note, with a signature of each signer.

        Raises: ValueError without signers, or when one signs for another log.
        """
        if any(signer.name != key_name(self.log_id) for signer in signers):
            raise ValueError("a log's keys sign for that log only")
        return signed_notes.sign_note(self.text(), signers)

    @classmethod
    def verify(cls, note: bytes, keys: Iterable[VerifierKey]) -> Self:
        """Return the text of a note signed by a known key of the log that the text is about.

        Raises: Malformed; NoKnownSignature; WrongSignature.
        """
        note_text = signed_notes.verify_note(note, keys)
        parsed = cls.parse(note_text.text)
        if all(key.name != key_name(parsed.log_id) for key in note_text.verified_keys):
            raise NoKnownSignature("the key that has signed this is another log's")
        return parsed


@dataclass(frozen=True, slots=True)
class Checkpoint(SignedText):
    """The head of a log, to be signed (C2SP tlog-checkpoint).

    `restored` is the size to which the log was restored, if it was ever restored from a backup.
    Raises: Malformed when size, root or `restored` are impossible.
    """

    log_id: UUID
    size: int
    root: bytes
    restored: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_SIZE:
            raise Malformed("a head is a size and 32 bytes")
        if self.restored is not None and not 0 <= self.restored <= self.size:
            raise Malformed("a log is restored to a size it has had since")

    def text(self) -> str:
        restored = "" if self.restored is None else f"restored {self.restored}\n"
        return f"{key_name(self.log_id)}\n{self.size}\n{signed_notes.to_base64(self.root)}\n{restored}"

    @classmethod
    def _parse_lines(cls, lines: list[str]) -> Self:
        origin, size, root, *extension = lines
        restored = _number(_after("restored", extension[0])) if extension else None
        log_id = UUID(origin.removeprefix("brugerbog/"))
        return cls(log_id, _number(size), signed_notes.from_base64(root), restored)


class ExportKind(StrEnum):
    """The part of the log that an export shows."""

    WHOLE = "whole"
    ORGANISATION = "organisation"
    PERIOD = "period"
    SINCE = "since"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportManifest(SignedText):
    """The content of an export, to be signed, so that nothing can be left out or added.

    `about` is the organisation or user; `first` the position of the first hash in `leaves`; `events`,
    `first_event` and `last_event` count the lines of events.jsonl and give their first and last position (all
    0 if there are none); the digests are SHA-256 of the files; `frontier`, in a since-export only, is the
    head's of size `first` - 1. A person's export has no leaves: `first` is 0 and `leaves_digest` None.
    Raises: Malformed when these contradict one another.
    """

    log_id: UUID
    kind: ExportKind
    about: UUID | None
    size: int
    first: int
    events: int
    first_event: int
    last_event: int
    events_digest: bytes
    leaves_digest: bytes | None
    checkpoint_digest: bytes
    frontier: bytes | None = None

    def __post_init__(self) -> None:
        is_person, is_since = self.kind is ExportKind.PERSON, self.kind is ExportKind.SINCE
        digests = (self.events_digest, self.checkpoint_digest, self.leaves_digest or self.events_digest)
        whole_run = (self.size - self.first + 1, self.first, self.size)
        run = (self.events, self.first_event, self.last_event)
        is_one_kind = (
            (self.leaves_digest is None) is is_person
            and (self.frontier is None) is not is_since
            and (self.about is None or self.kind not in {ExportKind.WHOLE, ExportKind.SINCE})
            and (self.about is not None or self.kind not in {ExportKind.ORGANISATION, ExportKind.PERSON})
            and (1 <= self.first <= self.size + 1 if is_since else self.first == (0 if is_person else 1))
        )
        if self.kind in {ExportKind.WHOLE, ExportKind.SINCE}:
            is_run = run == (whole_run if whole_run[0] else (0, 0, 0))
        else:
            is_run = run == (0, 0, 0) or (
                1 <= self.first_event <= self.last_event <= self.size
                and 1 <= self.events <= self.last_event - self.first_event + 1
                and (self.events == 1) is (self.first_event == self.last_event)
            )
        if not is_one_kind or not is_run or not 0 <= self.size <= LARGEST_SIZE:
            raise Malformed("the manifest contradicts itself")
        if any(len(digest) != HASH_SIZE for digest in digests):
            raise Malformed("a digest is 32 bytes")
        if is_since and len(self.frontier or b"") != HASH_SIZE * (self.first - 1).bit_count():
            raise Malformed("the frontier does not belong to a tree of this size")

    def text(self) -> str:
        lines = [
            f"brugerbog-export-v1 {self.log_id}",
            f"kind {self.kind}",
            f"about {self.about or _NOTHING}",
            f"size {self.size}",
            f"first {self.first}",
            f"events {self.events} {self.first_event} {self.last_event}",
            f"sha256 events.jsonl {self.events_digest.hex()}",
        ]
        if self.leaves_digest is not None:
            lines.append(f"sha256 leaves {self.leaves_digest.hex()}")
        lines.append(f"sha256 checkpoint {self.checkpoint_digest.hex()}")
        if self.frontier is not None:
            lines.append(f"frontier {signed_notes.to_base64(self.frontier)}")
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def _parse_lines(cls, lines: list[str]) -> Self:
        log_id, kind, about, size, first, run, events_digest, *rest = lines
        events, first_event, last_event = _after("events", run).split(" ")
        has_leaves, has_frontier = rest[0].startswith("sha256 leaves "), rest[-1].startswith("frontier ")
        leaves_digest = _after("sha256 leaves", rest[0]) if has_leaves else None
        frontier = _after("frontier", rest[-1]) if has_frontier else None
        name = _after("about", about)
        return cls(
            log_id=UUID(_after("brugerbog-export-v1", log_id)),
            kind=ExportKind(_after("kind", kind)),
            about=None if name == _NOTHING else UUID(name),
            size=_number(_after("size", size)),
            first=_number(_after("first", first)),
            events=_number(events),
            first_event=_number(first_event),
            last_event=_number(last_event),
            events_digest=bytes.fromhex(_after("sha256 events.jsonl", events_digest)),
            leaves_digest=None if leaves_digest is None else bytes.fromhex(leaves_digest),
            checkpoint_digest=bytes.fromhex(_after("sha256 checkpoint", rest[int(has_leaves)])),
            frontier=None if frontier is None else signed_notes.from_base64(frontier),
        )


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The proof that a log of size `newer` begins with the whole log of size `older` (RFC 6962 §2.1.2)."""

    log_id: UUID
    older: int
    newer: int
    hashes: tuple[bytes, ...]

    def text(self) -> str:
        """Return the file `<older>-<newer>.consistency`."""
        hashes = "".join(f"{signed_notes.to_base64(one)}\n" for one in self.hashes)
        return f"brugerbog-consistency-v1 {self.log_id}\n{self.older} {self.newer}\n{hashes}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the result of `text`. Raises: Malformed for anything else."""
        try:
            log_id, sizes, *hashes = text.removesuffix("\n").split("\n")
            older, newer = map(_number, sizes.split(" "))
            found = tuple(signed_notes.from_base64(one) for one in hashes)
            read = cls(UUID(_after("brugerbog-consistency-v1", log_id)), older, newer, found)
        except ValueError as error:
            raise Malformed("this is no consistency proof") from error
        if read.text() != text or older > newer or any(len(one) != HASH_SIZE for one in found):
            raise Malformed("this consistency proof could be written otherwise")
        return read


def _after(word: str, line: str) -> str:
    if not line.startswith(f"{word} "):
        raise ValueError(word)
    return line.removeprefix(f"{word} ")


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)

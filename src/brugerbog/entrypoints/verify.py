"""Verify an export of a Brugerbog log offline: every event in it must match the log's signed checkpoint.

This file needs only the standard library and nothing of Brugerbog. Copy it, and run

    python verify.py EXPORT --key log.pub                     check the exported log, or part of the log
    python verify.py EXPORT --key log.pub --since OLD         also check that it begins with the log of OLD
    python verify.py consistency OLD NEW PROOF --key log.pub  check two checkpoints, without events

Exit code 0: sound, verified with a key that you named. 1: damaged or contradicted, with the first wrong
position, its stream and the kind of damage. 2: undecided. 3: consistent, but unsigned by any key that you
named with --key, so that anybody can have made it. Brugerbog's docs/log-format.md specifies what is hashed
and signed, and each kind of damage.

The chain of trust, and the order of this file: a key that you hold → the signatures of checkpoint and
manifest → the root of the leaf hashes → the leaf hash of each event. `cryptography` checks signatures if it
is installed, else the Ed25519 code at the end of this file. The content of events is never shown.
"""

from __future__ import annotations

import argparse
import hmac
import io
import json
import os
import re
import stat
import struct
import sys
from array import array
from base64 import b64decode, b64encode
from binascii import unhexlify
from contextlib import contextmanager
from functools import partial
from hashlib import sha256, sha512
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined] # undocumented, and ever since there
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOUND, DAMAGED, UNDECIDED, UNSIGNED = 0, 1, 2, 3
KINDS: Final = {
    "altered": "the event there is not the one that the checkpoint vouches for",
    "missing": "the event is not there, while later ones are",
    "inserted": "an event stands there that doesn't belong in this export",
    "reordered": "an event stands there that belongs at another position",
    "cut_off": "the export has ended before its last event",
    "head_mismatch": "all events are there, yet they are not those that the checkpoint vouches for",
    "wrong_leaves": "the file `leaves` is not of the tree that the checkpoint vouches for",
    "wrong_proof": "the proof doesn't lead to the signed root",
    "wrong_personal": "the personal part shown is not the one that the event was recorded with",
    "out_of_scope": "the event is genuine, but not of whom the export is about",
    "forged_checkpoint": "the checkpoint is not signed by the log's key",
    "forged_manifest": "the manifest is not signed by the log's key",
    "manifest_mismatch": "the files are not those that the manifest was signed over",
    "incomplete": "the checkpoint or the manifest ends in the middle of a line, as after a transfer cut off",
    "line_ends": "line ends were changed on the way, and nothing else: fetch it again, byte for byte",
    "re_encoded": "the text was put into another encoding on the way, and nothing else: fetch it again, byte "
    "for byte",
    "contradicts_older": "the log is not the one that the older checkpoint vouches for",
    "rolled_back": "the log has fewer events than when the older checkpoint was signed",
    "restored": "events that the older checkpoint vouches for are gone: by its own word the log was restored",
}
PROVED: Final = {
    "whole": "Every event of the log up to position {size} is here, in order and unaltered.",
    "since": "Every event from position {first} to {size} is here, in order and unaltered.",
    "organisation": "Each event shown is the organisation's, at its place in the log and unaltered, and no "
    "stream has a gap. That no stream, or end of one, was left out is the signer's word.",
    "period": "Each event shown is at its place in the log and unaltered. That none was left out is the "
    "signer's word.",
    "person": "Each event shown is the person's, at its place in the log and unaltered, and no stream has a "
    "gap. That no end of one was left out is the signer's word.",
}
UNSIGNED_MESSAGE: Final = (
    "Ikke underskrevet af nogen, du har navngivet: enhver kan have lavet det. Angiv loggens nøgle (--key).",
    "Unsigned by anybody you named: anybody can have made it. Give the log's key, as you hold it, by --key.",
)
HASH, SMALL, LONGEST_LINE, LARGEST_SIZE = 32, 1 << 20, 1 << 24, (1 << 63) - 1
MOST_SIGNATURES: Final = 100  # of a note, as in Go's `sumdb/note`
LINES_TOO_MANY: Final = 1000  # read to locate a damage, beyond twice the number of signed events
GENUINE: Final = (None, "wrong_personal")  # the faults of an event that is genuine nevertheless


class Damage(Exception):
    """The export, or the log, doesn't match its signatures; `is_exact`: the position is certain."""

    def __init__(
        self, kind: str, position: int | None = None, stream: str | None = None, *, exact: bool = True
    ) -> None:
        super().__init__(kind)
        self.kind, self.position, self.stream, self.is_exact = kind, position, stream, exact


class Undecided(Exception):
    """The check isn't possible: something needed for it is missing or can't be read."""


# ---- The checks --------------------------------------------------------------------------------------------


def check(options: argparse.Namespace, facts: dict[str, Any], read: Reader) -> None:
    """Run the requested check and add its findings to `facts`. Raises: Damage, Undecided."""
    if options.what == "consistency":
        check_consistency((options.older, options.newer, options.proof), options.key, facts, read)
    else:
        check_export(options.export, options.key, options.since, facts, read)


def change_on_the_way(options: argparse.Namespace) -> str | None:
    """Return the change of text encoding that is the only damage: with it undone, the check succeeds."""
    read = Undoing()
    try:
        check(options, {}, read)
    except (Damage, Undecided, OSError, UnicodeError, MemoryError):
        return None
    return read.change


def check_export(
    folder: Path, key_file: Path | None, older_file: Path | None, facts: dict[str, Any], read: Reader
) -> None:
    """Check a whole export and add the findings to `facts`. Raises: Damage, Undecided."""
    if folder.is_file():
        raise Undecided(f"{folder} is a file: unpack it, and name the folder that was exported")
    keys = read_keys(key_file or folder / "key.pub")
    checkpoint = read_checkpoint(folder / "checkpoint", keys, read)
    facts |= {"log_id": id_text(checkpoint.log_id), "size": checkpoint.size, "restored": checkpoint.restored}
    manifest = read_manifest(folder / "manifest", keys, read)
    facts |= {"export": manifest.kind, "first": manifest.first, "events": manifest.events}
    facts["about"] = id_text(manifest.about) if manifest.about else None
    checkpoint_digest = sha256(read.small(folder / "checkpoint")).digest()
    if (manifest.log_id, manifest.size, manifest.checkpoint_digest) != (*checkpoint[:2], checkpoint_digest):
        raise Damage("manifest_mismatch")
    older = older_file and read_checkpoint(older_file, keys, read)
    if older and older.log_id != checkpoint.log_id:
        raise Undecided("the older checkpoint is of another log")
    export = Export(folder / "events.jsonl", read, checkpoint, manifest)
    if manifest.kind != "person":
        export = export._replace(leaves=read_leaves(folder / "leaves", export))
    find_damage(export)
    if older:
        compare_with_older(older, export)
        facts["older_size"] = older.size


def check_consistency(
    files: tuple[Path, Path, Path], key_file: Path | None, facts: dict[str, Any], read: Reader
) -> None:
    """Check that the newer checkpoint's log begins with all of the older one's. Raises: Damage, Undecided."""
    older_file, newer_file, proof_file = files
    keys = read_keys(key_file) if key_file else None
    older, newer = read_checkpoint(older_file, keys, read), read_checkpoint(newer_file, keys, read)
    facts |= {"log_id": id_text(newer.log_id), "older_size": older.size, "size": newer.size}
    facts["restored"] = newer.restored
    if older.log_id != newer.log_id:
        raise Undecided("the two checkpoints are of different logs")
    if older.size > newer.size or (older.size == newer.size and older.root != newer.root):
        raise contradiction(older, newer)
    sizes, hashes = read_consistency(read.small(proof_file), newer.log_id)
    if sizes != (older.size, newer.size):
        raise Undecided("the proof is between checkpoints of other sizes")
    if not is_consistent(older, newer, hashes):
        raise contradiction(older, newer, otherwise="wrong_proof")


def compare_with_older(older: Checkpoint, export: Export) -> None:
    """Check that the export's log begins with the log of an older checkpoint."""
    start, newer = export.manifest.first - 1, export.checkpoint
    if export.manifest.kind == "person":
        raise Undecided("a person's export can't be compared; use a consistency proof")
    if older.size < start:
        raise Undecided(
            f"the export begins after position {start}, the older checkpoint ends at {older.size}"
        )
    if older.size > newer.size:
        raise contradiction(older, newer)
    tree = Tree(start, export.manifest.frontier)
    tree.extend(export.leaves[: HASH * (older.size - start)])
    if tree.root() != older.root:
        raise contradiction(older, newer)


def contradiction(older: Checkpoint, newer: Checkpoint, otherwise: str = "contradicts_older") -> Damage:
    """Return the kind of contradiction between two checkpoints of one log."""
    if newer.restored is not None and newer.restored != older.restored and newer.restored < older.size:
        return Damage("restored", newer.restored + 1)
    if older.size > newer.size:
        return Damage("rolled_back", newer.size + 1)
    return Damage(otherwise, older.size, exact=False)


# ---- Files -------------------------------------------------------------------------------------------------


def opened_file(path: Path) -> BinaryIO:
    """Open a regular file; refuse others, which may hang or never end (FIFO, device, socket)."""
    # Checked before opening, because opening a device can have effects, and again after, because the path can
    # have been replaced meanwhile.
    if not stat.S_ISREG(path.stat().st_mode):
        raise Undecided(f"{path} is not an ordinary file")
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    there = os.fstat(file.fileno())
    if stat.S_ISREG(there.st_mode) and there.st_size:
        return file
    file.close()
    if not stat.S_ISREG(there.st_mode):
        raise Undecided(f"{path} is not an ordinary file")
    # Files generated by the kernel (/proc) have size 0, and may have no end.
    return Path(os.devnull).open("rb")


class Reader:
    """Reader of an export's files as they are."""

    def small(self, path: Path) -> bytes:
        """Read a small file. Raises: Undecided, for one of more than 1 MB."""
        with opened_file(path) as file:
            content = file.read(SMALL + 1)
        if len(content) > SMALL:
            raise Undecided(f"{path} is too large")
        return content

    @contextmanager
    def lines(self, path: Path) -> Iterator[Iterator[bytes]]:
        """Open a file line by line; a line longer than 16 MB is split."""
        with opened_file(path) as file:
            yield iter(partial(file.readline, LONGEST_LINE), b"")

    def leaves(self, path: Path, length: int) -> tuple[bytes, bool]:
        """Read `length` bytes of leaf hashes; also return whether the file has exactly that length."""
        with opened_file(path) as file:
            leaves = file.read(min(length, there := os.fstat(file.fileno()).st_size))
        return leaves, there == len(leaves) == length


class Undoing(Reader):
    """Reader that undoes changes of text encoding in transfer, and sets `change` to what it undid.

    It undoes a byte order mark, UTF-16, line ends that are all CRLF or all CR, and missing or extra line ends
    at the end of a file.
    """

    change: str | None = None

    def small(self, path: Path) -> bytes:
        """Read a small file. Raises: Undecided, for one of more than 1 MB."""
        super().small(path)
        with self.lines(path) as lines:
            return b"".join(lines)

    @contextmanager
    def lines(self, path: Path) -> Iterator[Iterator[bytes]]:
        """Open a file line by line. Raises: UnicodeError, if it isn't text."""
        with opened_file(path) as file:
            encoding = encoding_of(file.read(3))
            file.seek(0)
            with io.TextIOWrapper(file, encoding, newline=None) as text:
                yield self.undone(text)

    def undone(self, text: io.TextIOWrapper) -> Iterator[bytes]:
        """Yield the original lines of a text."""
        blank, line = 0, "\n"
        while line := text.readline(LONGEST_LINE):
            if line == "\n":
                blank += 1
                continue
            if not line.endswith("\n") and len(line) < LONGEST_LINE:
                line, self.change = f"{line}\n", self.change or "line_ends"
            yield b"\n" * blank + line.encode()
            blank = 0
        if isinstance(text.newlines, tuple):
            raise UnicodeError
        if blank or text.newlines not in (None, "\n"):
            self.change = self.change or "line_ends"
        if text.encoding != "utf-8":
            self.change = "re_encoded"

    def leaves(self, path: Path, length: int) -> tuple[bytes, bool]:
        """Read leaf hashes; a transfer may have inserted a byte 13 before each byte 10, as a line end."""
        with opened_file(path) as file:
            leaves = file.read(min(2 * length, os.fstat(file.fileno()).st_size) + 1)
        if len(leaves) != length:
            leaves, self.change = leaves.replace(b"\r\n", b"\n"), self.change or "line_ends"
        return leaves, len(leaves) == length


def encoding_of(start: bytes) -> str:
    """Return the encoding indicated by the first bytes of a text."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "utf-8"


# ---- Keys, notes, checkpoints and manifests ----------------------------------------------------------------

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NUMBER = "(?:0|[1-9][0-9]{0,19})"
_HASH = "[0-9a-f]{64}"
_BASE64 = "[A-Za-z0-9+/]*={0,2}"
KEY: Final = re.compile(rf"([^\s+]+)\+([0-9a-f]{{8}})\+({_BASE64})")
SIGNATURE: Final = re.compile(rf"\u2014 ([^\s+]+) ({_BASE64})")
CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
CHECKPOINT: Final = re.compile(rf"brugerbog/({_ID})\n({_NUMBER})\n({_BASE64})\n(?:restored ({_NUMBER})\n)?")
MANIFEST: Final = re.compile(
    rf"brugerbog-export-v1 ({_ID})\n"
    r"kind (whole|organisation|period|since|person)\n"
    rf"about ({_ID}|-)\n"
    rf"size ({_NUMBER})\n"
    rf"first ({_NUMBER})\n"
    rf"events ({_NUMBER}) ({_NUMBER}) ({_NUMBER})\n"
    rf"sha256 events\.jsonl ({_HASH})\n"
    rf"(?:sha256 leaves ({_HASH})\n)?"
    rf"sha256 checkpoint ({_HASH})\n"
    rf"(?:frontier ({_BASE64})\n)?"
)
CONSISTENCY: Final = re.compile(
    rf"brugerbog-consistency-v1 ({_ID})\n({_NUMBER}) ({_NUMBER})\n((?:{_BASE64}\n)*)"
)


class Key(NamedTuple):
    """A public key, with the name and id by which signature lines refer to it."""

    name: str
    key_id: bytes
    public: bytes


class Checkpoint(NamedTuple):
    """A signed head of a log."""

    log_id: bytes
    size: int
    root: bytes
    restored: int | None


class Manifest(NamedTuple):
    """The signed contents of an export; fields that the kind of export lacks are empty."""

    log_id: bytes
    size: int
    kind: str
    about: bytes
    first: int
    events: int
    first_event: int
    last_event: int
    events_digest: bytes
    leaves_digest: bytes
    checkpoint_digest: bytes
    frontier: bytes


def read_keys(path: Path) -> list[Key]:
    """Read verifier keys, one a line: name+key id+base64(0x01 || public key).

    Any text encoding and line ends that an editor saves are accepted: each key is checked against its id.
    """
    keys, content = [], Reader().small(path)
    text = content.decode(encoding_of(content[:3]), "replace")
    for line in re.split("\r\n|\r|\n", text.rstrip("\r\n")):
        found = KEY.fullmatch(line)
        material = found and from_base64(found[3])
        if not found or not material or len(material) != 1 + HASH or material[0] != 1:
            raise Undecided(f"{path} holds something that is not a key")
        key_id = sha256(found[1].encode("utf-8", "replace") + b"\n" + material).digest()[:4]
        if key_id.hex() != found[2]:
            raise Undecided(f"{path} holds a key whose id is not its own")
        keys.append(Key(found[1], key_id, material[1:]))
    return list(dict.fromkeys(keys))


def opened(note: bytes, keys: Sequence[Key] | None, forged: Damage) -> tuple[str, set[str]]:
    """Return a note's text and the names of the known keys that signed it. Raises: `forged`, if none did.

    A note is text, a blank line and signature lines; signatures of unknown keys are ignored. If `keys` is
    None, no signature is checked, and the text is returned with no names.
    """
    if not note.endswith(b"\n"):
        raise Damage("incomplete")
    try:
        text, separator, below = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise forged from None
    is_torn = not separator or not below.endswith("\n") or CONTROL.search(text + below)
    if is_torn or below.count("\n") > MOST_SIGNATURES:
        raise forged
    lines = [SIGNATURE.fullmatch(line) for line in below.removesuffix("\n").split("\n")]
    text, names = f"{text}\n", set()
    for line in lines:
        content = line and from_base64(line[2])
        if not line or not content or len(content) <= 4:  # noqa: PLR2004 - the key id's length
            raise forged
        for key in keys or ():
            if (key.name, key.key_id) == (line[1], content[:4]):
                if not signature_holds(key.public, text.encode(), content[4:]):
                    raise forged
                names.add(key.name)
    if keys is not None and not names:
        raise forged
    return text, names


def read_checkpoint(path: Path, keys: Sequence[Key] | None, read: Reader) -> Checkpoint:
    """Read a checkpoint signed by a key of its own log; if `keys` is None, any checkpoint."""
    forged = Damage("forged_checkpoint")
    text, names = opened(read.small(path), keys, forged)
    found = CHECKPOINT.fullmatch(text)
    root = found and from_base64(found[3])
    if not found or root is None or len(root) != HASH:
        raise unknown_format(path, forged, names)
    if keys is not None and f"brugerbog/{found[1]}" not in names:
        raise forged
    size, restored = int(found[2]), None if found[4] is None else int(found[4])
    if size > LARGEST_SIZE or (restored is not None and restored > size):
        raise unknown_format(path, forged, names)
    return Checkpoint(id_bytes(found[1]), size, root, restored)


def read_manifest(path: Path, keys: Sequence[Key], read: Reader) -> Manifest:
    """Read a manifest signed by a key of its own log, and check that it doesn't contradict itself."""
    forged = Damage("forged_manifest")
    text, names = opened(read.small(path), keys, forged)
    found = MANIFEST.fullmatch(text)
    frontier = found and from_base64(found[12] or "")
    if not found or frontier is None:
        raise unknown_format(path, forged, names)
    if f"brugerbog/{found[1]}" not in names:
        raise forged
    size, first, events, first_event, last_event = (int(found[at]) for at in (4, 5, 6, 7, 8))
    manifest = Manifest(
        log_id=id_bytes(found[1]),
        size=size,
        kind=found[2],
        about=b"" if found[3] == "-" else id_bytes(found[3]),
        first=first,
        events=events,
        first_event=first_event,
        last_event=last_event,
        events_digest=bytes.fromhex(found[9]),
        leaves_digest=bytes.fromhex(found[10] or ""),
        checkpoint_digest=bytes.fromhex(found[11]),
        frontier=frontier,
    )
    has_one_frontier = (found[12] is not None) is (found[2] == "since")
    if not has_one_frontier or not is_possible(manifest):
        raise unknown_format(path, forged, names)
    return manifest


def is_possible(manifest: Manifest) -> bool:
    """Return whether the manifest's fields fit its kind and each other."""
    kind, size, first = manifest.kind, manifest.size, manifest.first
    run, last = (manifest.events, manifest.first_event, manifest.last_event), manifest.last_event
    has_leaves = bool(manifest.leaves_digest)
    if kind in {"whole", "since"}:
        count = size - first + 1
        is_run = run == ((count, first, size) if count else (0, 0, 0)) and not manifest.about
    else:
        is_run = run == (0, 0, 0) or (
            0 < run[1] <= last <= size and (run[1] < last) < run[0] <= last - run[1] + 1
        )
        is_run = is_run and (kind == "period" or bool(manifest.about))
    if kind == "since":
        is_start = 1 <= first <= size + 1 and len(manifest.frontier) == HASH * (first - 1).bit_count()
    else:
        is_start = first == (0 if kind == "person" else 1)
    return is_run and is_start and has_leaves is (kind != "person") and size <= LARGEST_SIZE


def read_consistency(content: bytes, log_id: bytes) -> tuple[tuple[int, int], list[bytes]]:
    """Parse a consistency proof of this log: the two sizes, and the hashes."""
    found = CONSISTENCY.fullmatch(content.decode("utf-8", "replace"))
    hashes = [from_base64(line) for line in found[4].split("\n")[:-1]] if found else []
    if not found or any(one is None or len(one) != HASH for one in hashes):
        raise Damage("wrong_proof")
    if id_bytes(found[1]) != log_id:
        raise Undecided("the proof is of another log")
    return (int(found[2]), int(found[3])), [one for one in hashes if one]


def unknown_format(path: Path, forged: Damage, names: set[str]) -> Exception:
    """Return the error for an unknown format: Undecided if a known key has signed it, else `forged`."""
    return Undecided(f"{path} is signed, but not of a format that is known here") if names else forged


def from_base64(text: str) -> bytes | None:
    """Decode canonical base64 (RFC 4648 §4), or return None."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        return None
    return content if b64encode(content).decode() == text else None


def id_bytes(text: str) -> bytes:
    """Parse a UUID."""
    return bytes.fromhex(text.replace("-", ""))


def id_text(content: bytes) -> str:
    """Format a UUID."""
    text = content.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


# ---- The tree (RFC 6962 §2.1) ------------------------------------------------------------------------------


class Tree:
    """An append-only tree: its size, and the roots of its perfect subtrees, the largest first."""

    def __init__(self, size: int = 0, frontier: bytes = b"") -> None:
        self.size = size
        self.subtrees = [frontier[at : at + HASH] for at in range(0, len(frontier), HASH)]

    def extend(self, leaves: bytes) -> None:
        """Append leaf hashes."""
        subtrees, size = self.subtrees, self.size
        for at in range(0, len(leaves), HASH):
            node, full = leaves[at : at + HASH], size
            while full & 1:
                node = sha256(b"\x01" + subtrees.pop() + node).digest()
                full >>= 1
            subtrees.append(node)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """Return the root over all leaves."""
        if not self.subtrees:
            return sha256().digest()
        *larger, root = self.subtrees
        for left in reversed(larger):
            root = node_hash(left, root)
        return root


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def left_part(size: int) -> int:
    """Return the number of leaves in the left subtree: the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def root_from(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof gives for the leaf at `index`, or None if it is malformed."""
    if size == 1:
        return leaf if not proof else None
    if not proof:
        return None
    *lower, sibling = proof
    cut = left_part(size)
    if index < cut:
        left = root_from(leaf, index, cut, lower)
        return left and node_hash(left, sibling)
    right = root_from(leaf, index - cut, size - cut, lower)
    return right and node_hash(sibling, right)


def is_consistent(older: Checkpoint, newer: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the newer tree begins with the older one, which is no larger."""
    if older.size in {0, newer.size}:
        expected = newer.root if older.size else sha256().digest()
        return not proof and older.root == expected
    return roots_from(older.size, newer.size, proof, older.root) == (older.root, newer.root)


def roots_from(
    older: int, size: int, proof: Sequence[bytes], known: bytes | None
) -> tuple[bytes, bytes] | None:
    """Return the older and the newer root that a consistency proof gives, or None if it is malformed.

    `known` is the older root while the older tree is a left subtree; the proof then omits that root.
    """
    if older == size:
        same = known or (proof[0] if len(proof) == 1 else None)
        return (same, same) if same and bool(proof) is (known is None) else None
    if not proof:
        return None
    *lower, sibling = proof
    cut = left_part(size)
    if older <= cut:
        left = roots_from(older, cut, lower, known)
        return left and (left[0], node_hash(left[1], sibling))
    right = roots_from(older - cut, size - cut, lower, None)
    return right and (node_hash(sibling, right[0]), node_hash(sibling, right[1]))


# ---- Leaves and events -------------------------------------------------------------------------------------

LEAF_TAG, COMMITMENT_TAG = b"brugerbog-leaf-v1", b"brugerbog-commitment-v1"
LENGTH = struct.Struct(">I")
# Of the leaf's 13 fields, each preceded by its length: those of fixed width before and after the topic.
BEFORE_TOPIC, AFTER_TOPIC = struct.Struct(">IQI16sI16sIQI"), struct.Struct(">IIIqI16sI16sI")


HEAD: Final = re.compile(
    rf'{{"position":({_NUMBER}),"organisation_id":"({_ID})","stream_id":"({_ID})","version":({_NUMBER}),'
    rf'"topic":"([^"\\\x00-\x1f]*)","schema_version":({_NUMBER}),"recorded_at":({_NUMBER}|-[1-9][0-9]{{0,18}}),'
    rf'"actor":"({_ID})","command_id":"({_ID})","payload":(?=")'
)
TAIL: Final = re.compile(
    f',"commitment":"({_HASH}|)"(?:,"proof":\\[((?:"{_HASH}",)*"{_HASH}"|)\\](?:,"salt":"({_HASH})","personal":(?="))?)?'
)


class Event(NamedTuple):
    """The parts of an exported event that the checks need."""

    position: int
    organisation: bytes
    stream: bytes
    version: int
    leaf: bytes
    proof: tuple[bytes, ...] = ()
    is_personal_right: bool = True


class Export(NamedTuple):
    """An export; its leaf hashes are set only once they match the signed root."""

    path: Path
    read: Reader
    checkpoint: Checkpoint
    manifest: Manifest
    leaves: bytes = b""

    @property
    def is_run(self) -> bool:
        """Whether the export has every event from `first` on, so that each line's position is known."""
        return self.manifest.kind in {"whole", "since"}

    @property
    def has_whole_streams(self) -> bool:
        """Whether each exported stream begins with version 1 and has no gap."""
        return self.manifest.kind in {"organisation", "person"}

    @property
    def end(self) -> int:
        """The last position that the export should have."""
        return self.manifest.size if self.is_run else self.manifest.last_event

    def events(self) -> Iterator[tuple[bytes, Event | None]]:
        """Yield each line with its event."""
        prefix = LENGTH.pack(len(LEAF_TAG)) + LEAF_TAG + LENGTH.pack(16) + self.checkpoint.log_id
        is_proved = self.manifest.kind == "person"
        with self.read.lines(self.path) as lines:
            for line in lines:
                yield line, event_of(line, b"\x00" + prefix, is_proved=is_proved)
                if len(line) >= LONGEST_LINE:
                    return  # not an event; the rest isn't read, since it may be endless


def event_of(line: bytes, prefix: bytes, *, is_proved: bool) -> Event | None:
    """Parse one line, or return None if it isn't an event in canonical form.

    `prefix` is the beginning of the hashed bytes, before the event's own fields.
    """
    try:
        text = line.decode()
        if not (head := HEAD.match(text)):
            return None
        position, organisation, stream, version, topic, schema, time, actor, command = head.groups()
        payload, at = string_in(text, head.end())
        if not (tail := TAIL.match(text, at)) or (tail[2] is not None) is not is_proved:
            return None
        personal, at = string_in(text, tail.end()) if tail[3] else (None, tail.end())
        if text[at:] != "}\n":
            return None
        ids = unhexlify((organisation + stream + actor + command).replace("-", ""))
        committed, name, content = unhexlify(tail[1]), topic.encode(), payload.encode()
        source, position, version = ids[16:32], int(position), int(version)
        fields = (
            prefix,
            BEFORE_TOPIC.pack(8, position, 16, ids[:16], 16, source, 8, version, len(name)),
            name,
            AFTER_TOPIC.pack(4, int(schema), 8, int(time), 16, ids[32:48], 16, ids[48:], len(content)),
            content,
            LENGTH.pack(len(committed)),
            committed,
        )
    except (ValueError, struct.error):
        return None
    event = Event(position, ids[:16], source, version, sha256(b"".join(fields)).digest())
    if is_proved:
        proof = tuple(unhexlify(one[1:-1]) for one in tail[2].split(",")) if tail[2] else ()
        is_right = personal is None or committed == commitment(unhexlify(tail[3]), personal.encode())
        event = event._replace(proof=proof, is_personal_right=is_right)
    return event


def string_in(text: str, at: int) -> tuple[str, int]:
    """Parse the JSON string that begins at `at`. Raises: ValueError, if it isn't in canonical form."""
    content, end = scanstring(text, at + 1)
    if quoted(content) != text[at:end]:
        raise ValueError
    return content, end


def commitment(salt: bytes, personal: bytes) -> bytes:
    """Return the commitment to an event's personal part."""
    return hmac.digest(salt, COMMITMENT_TAG + personal, "sha256")


def read_leaves(path: Path, export: Export) -> bytes:
    """Read the leaf hashes and check them against the signed root. Raises: Damage."""
    manifest = export.manifest
    leaves, is_all = export.read.leaves(path, HASH * (manifest.size - manifest.first + 1))
    tree = Tree(manifest.first - 1, manifest.frontier)
    tree.extend(leaves[: len(leaves) // HASH * HASH])
    if not is_all or tree.root() != export.checkpoint.root:
        raise damage_without_leaves(export, leaves)
    if sha256(leaves).digest() != manifest.leaves_digest:
        raise Damage("manifest_mismatch")
    return leaves


def fault_of(event: Event | None, export: Export, *, is_trusted: bool = True) -> str | None:
    """Return the kind of damage of a single event, regardless of its line, or None."""
    manifest = export.manifest
    if event is None:
        return "altered"
    if is_trusted and manifest.kind == "person":
        if not is_included(event, export.checkpoint):
            return "wrong_proof"
    elif is_trusted:
        at = HASH * (event.position - manifest.first)
        if at < 0 or export.leaves[at : at + HASH] != event.leaf:
            return "altered"
    if manifest.kind == "organisation" or (manifest.kind == "period" and manifest.about):
        return None if event.organisation == manifest.about else "out_of_scope"
    if manifest.kind == "person":
        # The stream of a user's activities has the user's id with its highest bit flipped.
        streams = manifest.about, bytes([manifest.about[0] ^ 0x80]) + manifest.about[1:]
        if event.stream not in streams:
            return "out_of_scope"
    return None if event.is_personal_right else "wrong_personal"


def is_included(event: Event, checkpoint: Checkpoint) -> bool:
    """Return whether an event's inclusion proof gives the signed root."""
    if not 1 <= event.position <= checkpoint.size:
        return False
    return root_from(event.leaf, event.position - 1, checkpoint.size, event.proof) == checkpoint.root


# ---- Finding the first wrong position ----------------------------------------------------------------------


def find_damage(export: Export) -> None:
    """Check all events in one pass; only after an error are they read again, to locate it. Raises: Damage."""
    manifest, is_run, has_whole_streams = export.manifest, export.is_run, export.has_whole_streams
    digest, count, first, last = sha256(), 0, 0, manifest.first - 1 if is_run else 0
    versions: dict[bytes, int] = {}
    for line, event in export.events():
        digest.update(line)
        if event is None or fault_of(event, export):
            raise name_damage(export)
        if event.position != last + 1 if is_run else event.position <= last:
            raise name_damage(export)
        if has_whole_streams:
            if event.version != versions.get(event.stream, 0) + 1:
                raise name_damage(export)
            versions[event.stream] = event.version
        last, count, first = event.position, count + 1, first or event.position
    shown = (count, first, last) if count else (0, 0, 0)
    is_signed_for = shown == (manifest.events, manifest.first_event, manifest.last_event)
    if not is_signed_for or digest.digest() != manifest.events_digest:
        raise name_damage(export)


def name_damage(export: Export) -> Damage:
    """Return the damage at the first position where the export differs from what was signed."""
    return misplaced_event(export, is_trusted=True) or miscounted_events(export)


def misplaced_event(export: Export, *, is_trusted: bool) -> Damage | None:
    """Return the damage at the first line whose event isn't the expected one, or None.

    `turns` are the expected positions. In an export of every event they follow from the line numbers.
    Otherwise they are the positions of the genuine events in the export, and the first and last position in
    the manifest.
    """
    first, last = export.manifest.first_event, export.manifest.last_event
    places, faults = array("Q"), list[str | None]()
    most = min(2 * export.manifest.events + LINES_TOO_MANY, sys.maxsize)
    for _, event in islice(export.events(), most):
        places.append(event.position if event else 0)
        faults.append(fault_of(event, export, is_trusted=is_trusted))
    turns: Sequence[int] = range(export.manifest.first, export.manifest.size + 1)
    if not export.is_run:
        shown = {place for place, fault in zip(places, faults, strict=True) if fault in GENUINE}
        turns = sorted({first, last} - {0} | {place for place in shown if first <= place <= last})
    for at, (place, fault) in enumerate(zip(places, faults, strict=True)):
        if fault or at >= len(turns) or place != turns[at]:
            return damage_at(at, export, (places, faults, turns), is_trusted=is_trusted)
    if len(places) == len(turns):
        return None
    turn = turns[len(places)]
    return Damage("cut_off", turn, exact=is_trusted and (export.is_run or turn == first))


def damage_at(
    at: int,
    export: Export,
    seen: tuple[Sequence[int], Sequence[str | None], Sequence[int]],
    *,
    is_trusted: bool,
) -> Damage:
    """Return the damage on line `at`, the first whose event isn't the expected one."""
    places, faults, turns = seen
    place, fault, is_run = places[at], faults[at], export.is_run
    turn = turns[at] if at < len(turns) else export.end + 1
    rest = range(at + 1, len(places))
    comes_later = any(places[later] == turn and faults[later] in GENUINE for later in rest)
    is_extra = comes_later if is_run else len(places) > export.manifest.events
    is_genuine, is_sure = fault in GENUINE, False
    if fault == "out_of_scope" or (fault == "wrong_personal" and place == turn):
        kind, turn, is_sure = fault, place, True
    elif is_genuine and not is_run and not export.manifest.first_event <= place <= export.end:
        kind, turn, is_sure = "inserted", place, True
    elif is_genuine and turn < place <= export.end and not comes_later:
        kind = "missing"
    elif is_genuine and place <= export.end:
        kind = "reordered"
    elif at >= len(turns) or fault is None or is_extra:
        kind = "inserted"
    elif comes_later:  # the original of this line isn't in the export; only the line gives its position
        before = turns[at - 1] if at else 0
        kind, turn = fault, place if before < place < turn else before + 1
    else:
        kind = fault
    stream = None
    for _, event in islice(export.events(), at, at + 1):
        stream = id_text(event.stream) if event and kind != "missing" else None
    is_sure = is_sure or (is_trusted and (is_run or turn == export.manifest.first_event))
    return Damage(kind, turn, stream, exact=is_sure)


def miscounted_events(export: Export) -> Damage:
    """Return the damage of an export whose events are genuine and in order, but not the signed selection."""
    manifest, count, versions = export.manifest, 0, dict[bytes, int]()
    for _, event in export.events():
        count += 1
        if event and not export.is_run:
            before = versions.get(event.stream, 0 if export.has_whole_streams else event.version - 1)
            if event.version != before + 1:
                return Damage("missing", event.position, id_text(event.stream), exact=False)
            versions[event.stream] = event.version
    if count == manifest.events:
        return Damage("manifest_mismatch")
    return Damage("missing" if count < manifest.events else "inserted", export.end, exact=False)


def damage_without_leaves(export: Export, leaves: bytes) -> Damage:
    """Return the damage when the leaf hashes don't give the signed root.

    Gaps and disorder show in the positions. In an export of every event, the events themselves may still give
    the root, which locates the wrong leaf hash.
    """
    manifest = export.manifest
    if damage := misplaced_event(export, is_trusted=False):
        return damage
    if not export.is_run:
        return Damage("wrong_leaves", manifest.size, exact=False)
    tree, wrong = Tree(manifest.first - 1, manifest.frontier), 0
    for _, event in export.events():
        leaf, at = event.leaf if event else bytes(HASH), HASH * (tree.size - manifest.first + 1)
        tree.extend(leaf)
        if not wrong and leaves[at : at + HASH] != leaf:
            wrong = tree.size
    if tree.root() == export.checkpoint.root:
        return Damage("wrong_leaves", wrong or manifest.size + 1)
    return Damage("head_mismatch", manifest.size, exact=False)


# ---- Ed25519 (RFC 8032) ------------------------------------------------------------------------------------

PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
Point = tuple[int, int, int, int]  # x, y, z, t: the point (x/z, y/z), with t/z their product
NEUTRAL: Final[Point] = (0, 1, 1, 0)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature is valid, in canonical form and by a key that isn't of small order."""
    key = point_of(public)
    if key is None or len(signature) != 2 * HASH or int.from_bytes(signature[HASH:], "little") >= ORDER:
        return False
    if is_same(times(8, key), NEUTRAL):
        return False
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - where it is installed
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        return equation_holds(key, public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def equation_holds(key: Point, public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether s·B = R + h·A, the equation of RFC 8032 §5.1.7 without the factor 8."""
    challenge = sha512(signature[:HASH] + public + message).digest()
    base = point_of(BASE)
    if base is None:
        return False
    x, y, z, t = times(int.from_bytes(challenge, "little") % ORDER, key)
    ours = add(times(int.from_bytes(signature[HASH:], "little"), base), (-x % PRIME, y, z, -t % PRIME))
    return bytes_of(ours) == signature[:HASH]


def point_of(content: bytes) -> Point | None:
    """Decode a point from 32 bytes in canonical form, or return None."""
    if len(content) != HASH:
        return None
    number = int.from_bytes(content, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = PRIME - x
    return x, y, 1, x * y % PRIME


def bytes_of(point: Point) -> bytes:
    """Encode a point."""
    x, y, z, _ = point
    inverse = pow(z, -1, PRIME)
    return (y * inverse % PRIME | (x * inverse % PRIME & 1) << 255).to_bytes(HASH, "little")


def is_same(one: Point, other: Point) -> bool:
    """Return whether two points are equal."""
    return (
        not (one[0] * other[2] - other[0] * one[2]) % PRIME
        and not (one[1] * other[2] - other[1] * one[2]) % PRIME
    )


def add(one: Point, other: Point) -> Point:
    """Add two points (RFC 8032 §5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE_D % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number: int, point: Point) -> Point:
    """Multiply a point by a number."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


BASE: Final = (4 * pow(5, -1, PRIME) % PRIME).to_bytes(HASH, "little")


# ---- The command line --------------------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> int:
    """Run the check of a command line, print the result, and return the exit code."""
    facts: dict[str, Any] = {
        "verdict": "sound",
        "kind": None,
        "position": None,
        "exact": None,
        "stream_id": None,
    }
    options = parse(arguments)
    try:
        check(options, facts, Reader())
        code = SOUND if options.key else UNSIGNED
        if code == UNSIGNED:
            facts |= {
                "verdict": "unsigned",
                "message": "unsigned by anybody you named; give the log's key with --key",
            }
    except Damage as found:
        change = change_on_the_way(options)
        damage = Damage(change) if change else found
        facts |= {"verdict": "damaged", "kind": damage.kind, "message": KINDS[damage.kind]}
        facts |= {"position": damage.position, "exact": damage.is_exact, "stream_id": damage.stream}
        code = DAMAGED
    except Undecided as reason:
        facts |= {"verdict": "undecided", "message": str(reason)}
        code = UNDECIDED
    except MemoryError:
        facts |= {"verdict": "undecided", "message": "there is not enough memory for files of this size"}
        code = UNDECIDED
    except OSError as trouble:
        facts |= {"verdict": "undecided", "message": f"{trouble.filename}: {trouble.strerror}"}
        code = UNDECIDED
    facts["key"] = "given" if options.key else "own" if options.what == "export" else "none"
    sys.stdout.write(json.dumps(facts) + "\n" if options.json else spoken(facts))
    return code


def spoken(facts: dict[str, Any]) -> str:
    """Return the result as text for people: one line in Danish, then English."""
    lines, place = [], facts["position"]
    if facts["verdict"] == "undecided":
        lines = ["Det kan ikke afgøres.", f"Can't tell: {facts['message']}."]
    elif facts["verdict"] == "damaged":
        about = "" if facts["exact"] else "omkring "
        lines = [
            "Fejl fundet." if place is None else f"Fejl fundet, første gang ved {about}position {place}."
        ]
        where = "" if place is None else f" at {'' if facts['exact'] else 'about '}position {place}"
        where += f", stream {facts['stream_id']}" if facts["stream_id"] else ""
        lines.append(f"Damaged: {facts['kind']}{where}: {facts['message']}.")
    elif "export" in facts:
        lines = ["Alt er i orden.", f"Sound: {facts['events']} events shown of log {facts['log_id']}."]
        if facts["verdict"] == "unsigned":
            lines = [
                *UNSIGNED_MESSAGE,
                f"By the key that lies in the export it is of one piece: {facts['events']} events",
            ]
            lines[-1] += f" shown of log {facts['log_id']}. Only if that key is the log's own:"
        lines.append(PROVED[facts["export"]].format(**facts))
        if "older_size" in facts:
            lines.append(f"The log begins with all {facts['older_size']} events of the older checkpoint.")
        elif facts["export"] == "since":
            lines.append("What they follow upon was not compared: give the older checkpoint with --since.")
    else:
        lines = ["Alt er i orden.", f"Sound: log {facts['log_id']} of {facts['size']} events begins with all"]
        if facts["verdict"] == "unsigned":
            lines = [
                *UNSIGNED_MESSAGE,
                f"By the proof, log {facts['log_id']} of {facts['size']} events begins with all",
            ]
        lines[-1] += f" {facts['older_size']} of the older checkpoint."
    if facts.get("restored") is not None:
        lines.append(f"By its own word the log was once restored to {facts['restored']} events.")
    if facts["key"] != "given" and facts["verdict"] == "damaged":
        lines.append("No key of yours was asked: give the log's key with --key.")
    return "".join(f"{line}\n" for line in lines)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; a usage error exits with code 2."""
    is_export = list(arguments[:1]) != ["consistency"]
    parser = argparse.ArgumentParser(
        prog="brugerbog-verify" if is_export else "brugerbog-verify consistency",
        description="Check an export of a Brugerbog log; with 'consistency OLD NEW PROOF', two checkpoints."
        if is_export
        else "Check that the log of a newer checkpoint begins with all of an older one's.",
        epilog="Exit 0: sound, by a key that you named. 1: damaged or contradicted. 2: can't tell. "
        "3: unsigned by anybody you named.",
    )
    if is_export:
        parser.add_argument("export", type=Path, metavar="EXPORT", help="the folder that was exported")
        parser.add_argument("--since", type=Path, metavar="OLD", help="an older checkpoint that you kept")
    else:
        parser.add_argument("older", type=Path, metavar="OLD", help="the checkpoint that you kept")
        parser.add_argument("newer", type=Path, metavar="NEW", help="the newer checkpoint")
        parser.add_argument("proof", type=Path, metavar="PROOF", help="the file <older>-<newer>.consistency")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the log's public key(s), as you hold them")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    options = parser.parse_args(arguments if is_export else arguments[1:])
    options.what = "export" if is_export else "consistency"
    return options


def main() -> NoReturn:
    """Run the command line and exit."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if "--json" in sys.argv or not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""Another verifier of exports, written from the words of docs/log-format.md alone.

It shares nothing with the first one but the page: it reads everything at once, follows the rules one by one
and takes no trouble to be quick. Where the two disagree, the page is unclear or one of them is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
ORDER_OF_MEMBERS = ["position", "organisation_id", "stream_id", "version", "topic", "schema_version"]
ORDER_OF_MEMBERS += ["recorded_at", "actor", "command_id", "payload", "commitment"]


class VerificationResult(NamedTuple):
    exit: int
    kind: str | None = None
    position: int | None = None
    certain: bool = True


class Found(Exception):
    def __init__(self, kind: str, position: int | None = None, *, certain: bool = True) -> None:
        self.verdict = VerificationResult(1, kind, position, certain)


class CantTell(Exception):
    pass


class NotWrittenSo(Exception):
    """A text isn't as the page says."""


def judge(files: dict[str, bytes], keys: bytes, older: bytes | None = None) -> VerificationResult:
    try:
        _judge(files, _keys(keys), older)
    except Found as found:
        undone = {name: _undone(files[name]) for name in ("checkpoint", "manifest", "events.jsonl")}
        undone["leaves"] = _undone_leaves(files.get("leaves", b""), undone["checkpoint"], undone["manifest"])
        undone["older"] = _undone(older) if older is not None else b""
        again = {**files, "older": older or b""}
        again |= {name: content for name, content in undone.items() if content is not None}
        changed = [content for name, content in again.items() if content != files.get(name, older or b"")]
        if None in undone.values() or not changed:
            return found.verdict
        try:
            _judge(again, _keys(keys), again["older"] if older is not None else None)
        except (Found, CantTell, KeyError):
            return found.verdict
        read = [files["checkpoint"], files["manifest"], files["events.jsonl"], older or b""]
        return VerificationResult(1, "re_encoded" if any(map(_has_mark, read)) else "line_ends")
    except (CantTell, KeyError):
        return VerificationResult(2)
    return VerificationResult(0)


def judge_consistency(older: bytes, newer: bytes, proof: bytes, keys: bytes) -> VerificationResult:
    try:
        known = _keys(keys)
        _judge_consistency(_checkpoint(older, known), _checkpoint(newer, known), proof)
    except Found as found:
        return _consistency_undone([older, newer, proof], known) or found.verdict
    except CantTell:
        return VerificationResult(2)
    return VerificationResult(0)


def _consistency_undone(files: list[bytes], known: list[tuple[str, bytes]]) -> VerificationResult | None:
    undone = [content for content in map(_undone, files) if content is not None]
    if len(undone) < len(files) or undone == files:
        return None
    try:
        _judge_consistency(_checkpoint(undone[0], known), _checkpoint(undone[1], known), undone[2])
    except (Found, CantTell):
        return None
    return VerificationResult(1, "re_encoded" if any(map(_has_mark, files)) else "line_ends")


def read_folder(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


# What was changed on the way.

MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def _has_mark(content: bytes) -> bool:
    return content.startswith(MARKS)


def _decoded(content: bytes) -> str:
    if content.startswith(MARKS[:2]):
        return content.decode("utf-16")
    return content.removeprefix(MARKS[2]).decode()


def _undone(content: bytes) -> bytes | None:
    """The text with its line ends as the page has them; None if it can't have been changed as a whole."""
    try:
        text = _decoded(content)
    except UnicodeDecodeError:
        return None
    ends = {"\r\n": text.count("\r\n")}
    ends |= {end: text.count(end) - ends["\r\n"] for end in ("\r", "\n")}
    if sum(1 for count in ends.values() if count) > 1:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{text}\n".encode() if text else b""


def _undone_leaves(blob: bytes, checkpoint: bytes | None, manifest: bytes | None) -> bytes | None:
    """The leaf hashes without what a transfer of text puts before each byte 10, if they aren't so many."""
    try:
        size, first = (
            _number(_after(f"{word} ", line))
            for word in ("size", "first")
            for line in (manifest or b"").decode().split("\n")
            if line.startswith(word)
        )
    except (ValueError, NotWrittenSo):
        return None
    return (
        blob if checkpoint is None or len(blob) == 32 * (size - first + 1) else blob.replace(b"\r\n", b"\n")
    )


# The order of judging.


def _judge(files: dict[str, bytes], keys: list[tuple[str, bytes]], older_note: bytes | None) -> None:
    head = _checkpoint(files["checkpoint"], keys)
    manifest = _manifest(files["manifest"], keys)
    digest = hashlib.sha256(files["checkpoint"]).hexdigest()
    if (manifest["log"], manifest["size"], manifest["checkpoint"]) != (head["log"], head["size"], digest):
        raise Found("manifest_mismatch")
    older = _checkpoint(older_note, keys) if older_note is not None else None
    if older and older["log"] != head["log"]:
        raise CantTell
    lines = _lines(files["events.jsonl"], head["log"], is_person=manifest["kind"] == "person")
    leaves = None
    if manifest["kind"] != "person":
        blob = files["leaves"]
        leaves = [blob[at : at + 32] for at in range(0, len(blob), 32)]
        count = manifest["size"] - manifest["first"] + 1
        is_right = (
            len(blob) == 32 * count and _root(manifest["frontier"], manifest["first"], leaves) == head["root"]
        )
        if not is_right:
            _judge_without_leaves(lines, manifest, head, blob)
        if hashlib.sha256(blob).hexdigest() != manifest["leaves"]:
            raise Found("manifest_mismatch")
    _judge_lines(lines, manifest, head, leaves, is_trusted=True)
    _judge_counts(lines, manifest, hashlib.sha256(files["events.jsonl"]).hexdigest())
    if older:
        if leaves is None or older["size"] < manifest["first"] - 1:
            raise CantTell
        if older["size"] > head["size"]:
            raise _contradiction(older, head)
        until = leaves[: older["size"] - manifest["first"] + 1]
        if _root(manifest["frontier"], manifest["first"], until) != older["root"]:
            raise _contradiction(older, head)


def _judge_without_leaves(lines: list[Any], manifest: Any, head: Any, blob: bytes) -> None:  # noqa: ANN401
    _judge_lines(lines, manifest, head, None, is_trusted=False)
    size = manifest["size"]
    if manifest["kind"] not in ("whole", "since"):
        raise Found("wrong_leaves", size, certain=False)
    own = [line["leaf"] for line in lines]
    if _root(manifest["frontier"], manifest["first"], own) != head["root"]:
        raise Found("head_mismatch", size, certain=False)
    for at, leaf in enumerate(own):
        if blob[32 * at : 32 * at + 32] != leaf:
            raise Found("wrong_leaves", manifest["first"] + at)
    raise Found("wrong_leaves", size + 1)


def _judge_lines(  # noqa: C901 - the page's rules, one by one
    lines: list[Any],
    manifest: Any,  # noqa: ANN401
    head: Any,  # noqa: ANN401
    leaves: list[bytes] | None,
    *,
    is_trusted: bool,
) -> None:
    is_all = manifest["kind"] in ("whole", "since")
    faults = [_fault(line, manifest, head, leaves, is_trusted=is_trusted) for line in lines]
    positions = [line["position"] if line else 0 for line in lines]
    _, lowest, highest = manifest["events"]
    genuine = [
        p for p, fault in zip(positions, faults, strict=True) if fault is None or fault == "wrong_personal"
    ]
    if is_all:
        turns, end = list(range(manifest["first"], manifest["size"] + 1)), manifest["size"]
    else:
        turns, end = sorted({p for p in [*genuine, lowest, highest] if lowest <= p <= highest and p}), highest
    for i, (p, fault) in enumerate(zip(positions, faults, strict=True)):
        if fault is None and i < len(turns) and turns[i] == p:
            continue
        t = turns[i] if i < len(turns) else end + 1
        is_genuine = fault is None or fault == "wrong_personal"
        later = [
            q
            for q, f in zip(positions[i + 1 :], faults[i + 1 :], strict=True)
            if f in (None, "wrong_personal")
        ]
        certain = is_trusted and (is_all or t == lowest)
        if fault == "out_of_scope" or (fault == "wrong_personal" and p == t):
            raise Found(fault, p)
        if is_genuine and not is_all and (p < lowest or p > highest):
            raise Found("inserted", p)
        if is_genuine and t < p <= end and t not in later:
            raise Found("missing", t, certain=certain)
        if is_genuine and p <= end:
            raise Found("reordered", t, certain=certain)
        if i >= len(turns) or is_genuine:
            raise Found("inserted", t, certain=certain)
        if (is_all and t in later) or (not is_all and len(lines) > manifest["events"][0]):
            raise Found("inserted", t, certain=certain)
        if not is_all and t in later:
            before = turns[i - 1] if i else 0
            raise Found(str(fault), p if before < p < t else before + 1, certain=False)
        raise Found(str(fault), t, certain=certain)
    if len(turns) > len(lines):
        t = turns[len(lines)]
        raise Found("cut_off", t, certain=is_trusted and (is_all or t == lowest))


def _judge_counts(lines: list[Any], manifest: Any, digest: str) -> None:  # noqa: ANN401
    kind, (count, lowest, highest) = manifest["kind"], manifest["events"]
    end = manifest["size"] if kind in ("whole", "since") else highest
    shown = (len(lines), lines[0]["position"], lines[-1]["position"]) if lines else (0, 0, 0)
    is_as_signed = shown == (count, lowest, highest) and digest == manifest["digest"]
    if kind in ("organisation", "person") or (kind == "period" and not is_as_signed):
        last: dict[UUID, int] = {}
        for line in lines:
            start = line["version"] - 1 if kind == "period" else 0
            if line["version"] != last.get(line["stream"], start) + 1:
                raise Found("missing", line["position"], certain=False)
            last[line["stream"]] = line["version"]
    if not is_as_signed:
        if len(lines) != count:
            raise Found("missing" if len(lines) < count else "inserted", end, certain=False)
        raise Found("manifest_mismatch")


def _judge_consistency(older: Any, newer: Any, proof: bytes) -> None:  # noqa: ANN401
    if older["log"] != newer["log"]:
        raise CantTell
    m, n = older["size"], newer["size"]
    if m > n or (m == n and older["root"] != newer["root"]):
        raise _contradiction(older, newer)
    try:
        log, sizes, hashes = _consistency_file(proof)
    except NotWrittenSo:
        raise Found("wrong_proof") from None
    if log != older["log"] or sizes != (m, n):
        raise CantTell
    if m in (0, n):
        holds = not hashes and older["root"] == (hashlib.sha256(b"").digest() if m == 0 else newer["root"])
    else:
        try:
            holds = _roots(m, n, hashes, older["root"]) == (older["root"], newer["root"])
        except NotWrittenSo:
            holds = False
    if not holds:
        found = _contradiction(older, newer)
        raise found if found.verdict.kind == "restored" else Found("wrong_proof", m, certain=False)


def _contradiction(older: Any, newer: Any) -> Found:  # noqa: ANN401
    restored = newer["restored"]
    if restored is not None and restored != older["restored"] and restored < older["size"]:
        return Found("restored", restored + 1)
    if older["size"] > newer["size"]:
        return Found("rolled_back", newer["size"] + 1)
    return Found("contradicts_older", older["size"], certain=False)


# A line of events, its leaf, its faults.


def _lines(content: bytes, log: UUID, *, is_person: bool) -> list[Any]:
    pieces = content.split(b"\n")
    ended, rest = [piece + b"\n" for piece in pieces[:-1]], pieces[-1]
    return [_line(one, log, is_person=is_person) for one in [*ended, *([rest] if rest else [])]]


def _line(raw: bytes, log: UUID, *, is_person: bool) -> dict[str, Any] | None:
    try:
        members: dict[str, Any] = json.loads(raw.decode("utf-8"))
        names = list(members)
        expected = ORDER_OF_MEMBERS + (["proof"] if is_person else [])
        shows_personal = is_person and names[-2:] == ["salt", "personal"]
        if names != expected + (["salt", "personal"] if shows_personal else []):
            return None
        if json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" != raw:
            return None
        if any(c in members["topic"] for c in ['"', "\\", *map(chr, range(32))]):
            return None
        digits = _hex(members["commitment"]) if members["commitment"] else b""
        numbers = [members[name] for name in ("position", "version", "schema_version", "recorded_at")]
        if any(type(one) is not int for one in numbers) or len(digits) not in (0, 32):
            return None
        ids = {name: _uuid(members[name]) for name in ("organisation_id", "stream_id", "actor", "command_id")}
        fields = [
            b"brugerbog-leaf-v1",
            log.bytes,
            numbers[0].to_bytes(8, "big"),
            ids["organisation_id"].bytes,
            ids["stream_id"].bytes,
            numbers[1].to_bytes(8, "big"),
            members["topic"].encode(),
            numbers[2].to_bytes(4, "big"),
            numbers[3].to_bytes(8, "big", signed=True),
            ids["actor"].bytes,
            ids["command_id"].bytes,
            members["payload"].encode(),
            digits,
        ]
        leaf_bytes = b"".join(len(one).to_bytes(4, "big") + one for one in fields)
        found = {
            "position": numbers[0],
            "version": numbers[1],
            "organisation": ids["organisation_id"],
            "stream": ids["stream_id"],
            "leaf": hashlib.sha256(b"\x00" + leaf_bytes).digest(),
            "proof": [_hash(one) for one in members.get("proof", [])],
            "is_personal_right": True,
        }
        if shows_personal:
            message = b"brugerbog-commitment-v1" + members["personal"].encode()
            made = hmac.new(_hash(members["salt"]), message, hashlib.sha256).digest()
            found["is_personal_right"] = made == digits
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, NotWrittenSo):
        return None
    return found


def _fault(
    line: Any,  # noqa: ANN401
    manifest: Any,  # noqa: ANN401
    head: Any,  # noqa: ANN401
    leaves: list[bytes] | None,
    *,
    is_trusted: bool,
) -> str | None:
    if line is None:
        return "altered"
    if is_trusted and leaves is not None:
        at = line["position"] - manifest["first"]
        if not 0 <= at < len(leaves) or leaves[at] != line["leaf"]:
            return "altered"
    if is_trusted and leaves is None and not _is_proved(line, head):
        return "wrong_proof"
    if manifest["kind"] == "person":
        turned = UUID(int=manifest["about"].int ^ 1 << 127)
        if line["stream"] not in (manifest["about"], turned):
            return "out_of_scope"
    elif manifest["about"] and line["organisation"] != manifest["about"]:
        return "out_of_scope"
    return None if line["is_personal_right"] else "wrong_personal"


def _is_proved(line: Any, head: Any) -> bool:  # noqa: ANN401
    if not 0 < line["position"] <= head["size"]:
        return False
    try:
        return _root_by(line["leaf"], line["position"] - 1, head["size"], line["proof"]) == head["root"]
    except NotWrittenSo:
        return False


# The tree.


def _h(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _k(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def _root(frontier: bytes, first: int, leaves: list[bytes]) -> bytes:
    """Append the leaves to the frontier of size first - 1, and fold."""
    stack, size = [frontier[at : at + 32] for at in range(0, len(frontier), 32)], first - 1
    for leaf in leaves:
        node, bits = leaf, size
        while bits % 2:
            node, bits = _h(stack.pop(), node), bits // 2
        stack.append(node)
        size += 1
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()
    while stack:
        root = _h(stack.pop(), root)
    return root


def _root_by(leaf: bytes, i: int, n: int, proof: list[bytes]) -> bytes:
    if n == 1:
        if proof:
            raise NotWrittenSo
        return leaf
    if not proof:
        raise NotWrittenSo
    k, rest, last = _k(n), proof[:-1], proof[-1]
    return _h(_root_by(leaf, i, k, rest), last) if i < k else _h(last, _root_by(leaf, i - k, n - k, rest))


def _roots(m: int, n: int, proof: list[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    if m == n:
        if len(proof) != (0 if known else 1):
            raise NotWrittenSo
        same = known or proof[0]
        return same, same
    if not proof:
        raise NotWrittenSo
    k, rest, last = _k(n), proof[:-1], proof[-1]
    if m <= k:
        o, w = _roots(m, k, rest, known)
        return o, _h(w, last)
    o, w = _roots(m - k, n - k, rest, None)
    return _h(last, o), _h(last, w)


# Keys, notes and texts.


def _keys(content: bytes) -> list[tuple[str, bytes]]:
    try:
        text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
        return [_key(line) for line in text.rstrip("\n").split("\n")]
    except (UnicodeDecodeError, NotWrittenSo):
        raise CantTell from None


def _key(line: str) -> tuple[str, bytes]:
    name, *rest = line.split("+", 2)
    if len(rest) != 2 or not name:
        raise NotWrittenSo
    material = _base64(rest[1])
    if len(material) != 33 or material[0] != 1 or _key_id(name, material[1:]).hex() != rest[0]:
        raise NotWrittenSo
    return name, material[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def _complete(note: bytes) -> bytes:
    if not note.endswith(b"\n"):
        raise Found("incomplete")
    return note


def _opened(note: bytes, keys: list[tuple[str, bytes]], forged: str) -> tuple[list[str], set[str]]:
    try:
        whole = note.decode()
        if len(note) > 1 << 20 or any(ord(c) < 32 and c != "\n" for c in whole):
            raise Found(forged)
        text, empty_line, below = whole.rpartition("\n\n")
        signatures = [line.split(" ") for line in _text_lines(below)]
        if not empty_line or any(
            len(one) != 3 or one[0] != "\u2014" or "+" in one[1] or not one[1] for one in signatures
        ):
            raise Found(forged)
        signed = [(name, _base64(content)) for _, name, content in signatures]
    except (UnicodeDecodeError, NotWrittenSo):
        raise Found(forged) from None
    by = set()
    for name, content in signed:
        if len(content) < 5:
            raise Found(forged)
        for known, public in keys:
            if (known, _key_id(known, public)) == (name, content[:4]):
                if not _is_signature(public, content[4:], text.encode() + b"\n"):
                    raise Found(forged)
                by.add(name)
    if not by:
        raise Found(forged)
    return text.split("\n"), by


def _is_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _checkpoint(note: bytes, keys: list[tuple[str, bytes]]) -> dict[str, Any]:
    lines, by = _opened(_complete(note), keys, "forged_checkpoint")
    try:
        if not 3 <= len(lines) <= 4:
            raise NotWrittenSo  # noqa: TRY301
        log, size, root = _uuid(_after("brugerbog/", lines[0])), _number(lines[1]), _base64(lines[2])
        restored = _number(_after("restored ", lines[3])) if len(lines) == 4 else None
        if len(root) != 32 or (restored or 0) > size:
            raise NotWrittenSo  # noqa: TRY301
    except NotWrittenSo:
        raise CantTell from None
    if f"brugerbog/{log}" not in by:
        raise Found("forged_checkpoint")
    return {"log": log, "size": size, "root": root, "restored": restored}


def _manifest(note: bytes, keys: list[tuple[str, bytes]]) -> dict[str, Any]:
    lines, by = _opened(_complete(note), keys, "forged_manifest")
    try:
        taken = iter(lines)
        log = _uuid(_after("brugerbog-export-v1 ", next(taken)))
        kind, about = _after("kind ", next(taken)), _after("about ", next(taken))
        size, first = _number(_after("size ", next(taken))), _number(_after("first ", next(taken)))
        events = tuple(_number(one) for one in _after("events ", next(taken)).split(" "))
        digest = _hash(_after("sha256 events.jsonl ", next(taken))).hex()
        leaves = None if kind == "person" else _hash(_after("sha256 leaves ", next(taken))).hex()
        checkpoint = _hash(_after("sha256 checkpoint ", next(taken))).hex()
        frontier = _base64(_after("frontier ", next(taken))) if kind == "since" else b""
        if (
            list(taken)
            or kind not in ("whole", "since", "organisation", "period", "person")
            or len(events) != 3
        ):
            raise NotWrittenSo  # noqa: TRY301
    except (NotWrittenSo, StopIteration):
        raise CantTell from None
    if f"brugerbog/{log}" not in by:
        raise Found("forged_manifest")
    return {
        "log": log,
        "kind": kind,
        "about": None if about == "-" else _uuid(about),
        "size": size,
        "first": first,
        "events": events,
        "digest": digest,
        "leaves": leaves,
        "checkpoint": checkpoint,
        "frontier": frontier,
    }


def _consistency_file(content: bytes) -> tuple[UUID, tuple[int, int], list[bytes]]:
    try:
        first, second, *rest = _text_lines(content.decode())
        m, n = (_number(one) for one in second.split(" "))
    except ValueError:
        raise NotWrittenSo from None
    hashes = [_base64(one) for one in rest]
    if any(len(one) != 32 for one in hashes):
        raise NotWrittenSo
    return _uuid(_after("brugerbog-consistency-v1 ", first)), (m, n), hashes


def _text_lines(text: str) -> list[str]:
    if not text.endswith("\n"):
        raise NotWrittenSo
    return text[:-1].split("\n")


def _after(start: str, line: str) -> str:
    if not line.startswith(start):
        raise NotWrittenSo
    return line[len(start) :]


def _number(text: str) -> int:
    if not text or set(text) - set(string.digits) or (text[0] == "0" and text != "0") or len(text) > 19:
        raise NotWrittenSo
    number = int(text)
    if number >= 2**63:
        raise NotWrittenSo
    return number


def _uuid(text: str) -> UUID:
    try:
        found = UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise NotWrittenSo from None
    if str(found) != text:
        raise NotWrittenSo
    return found


def _hex(text: str) -> bytes:
    if not isinstance(text, str) or set(text) - set("0123456789abcdef") or len(text) % 2:
        raise NotWrittenSo
    return bytes.fromhex(text)


def _hash(text: str) -> bytes:
    found = _hex(text)
    if len(found) != 32:
        raise NotWrittenSo
    return found


def _base64(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        raise NotWrittenSo from None
    if base64.b64encode(found).decode() != text:
        raise NotWrittenSo
    return found

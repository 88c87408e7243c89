"""Detects the encoding of a file, and refuses a file that makes no sense in any supported one."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from hashlib import sha256
from io import IncrementalNewlineDecoder
from itertools import chain
from typing import TYPE_CHECKING, Final

from brugerbog.application.commands.imports.file_refusals import (
    EncodingsMixed,
    EncodingUnknown,
    FileEmpty,
    FileTooLarge,
    NotText,
    WrongEncoding,
)
from brugerbog.application.commands.imports.misread_text import (
    OVERLAP,
    has_sign_in_word,
    is_utf_8_misread,
    likely_encoding,
)
from brugerbog.application.commands.imports.sources import MOST_MEGABYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import AnyStr

    from brugerbog.application.commands.imports.file_refusals import FileRefused
    from brugerbog.application.commands.imports.sources import Source

WINDOWS: Final = "cp1252"

_BLOCK: Final = 1 << 16
"""Bytes processed at a time, which bounds how long other threads wait."""

_UTF_16_MARKS: Final = (BOM_UTF16_LE, BOM_UTF16_BE)
_IN_NO_TEXT: Final = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f]")
_UNDEFINED: Final = {0xDC00 + byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Maps bytes that Windows-1252 doesn't define, as escaped by `surrogateescape`, to control characters."""


def find_encoding(source: Source) -> tuple[str, bytes]:
    """Return the encoding of a file by its Python name, and the SHA-256 of its bytes.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252, which a Danish Excel writes,
    if the text then reads as Danish (ours).
    Raises: FileTooLarge, FileEmpty, NotText, EncodingsMixed, WrongEncoding, EncodingUnknown, OSError.
    """
    digest, size, begin, is_utf_8 = sha256(), 0, b"", True
    decoder = getincrementaldecoder("utf-8")()
    for block in _bytes_of(source):
        begin = begin or block[: len(BOM_UTF8)]
        size += len(block)
        if size > MOST_MEGABYTES << 20:
            raise FileTooLarge(MOST_MEGABYTES)
        if b"\0" in block and not begin.startswith(_UTF_16_MARKS):
            raise NotText
        digest.update(block)
        is_utf_8 = is_utf_8 and _decodes(decoder, block)
    if size == 0 or (size == len(begin) and begin in (BOM_UTF8, *_UTF_16_MARKS)):
        raise FileEmpty
    if begin.startswith(_UTF_16_MARKS):
        return "utf-16", digest.digest()
    if is_utf_8 and _decodes(decoder, b"", final=True):
        return "utf-8-sig" if begin == BOM_UTF8 else "utf-8", digest.digest()
    if begin == BOM_UTF8:
        raise EncodingsMixed(1, _first_line_not_utf_8(source))
    _check_reads_as_danish(source)
    return WINDOWS, digest.digest()


def text_of(source: Source, encoding: str) -> Iterator[str]:
    """Decode a file in blocks, with line feeds as line ends. Raises: OSError, UnicodeDecodeError."""
    decoder = _decoder(encoding)
    for block in _bytes_of(source):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _bytes_of(source: Source) -> Iterator[bytes]:
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _check_reads_as_danish(source: Source) -> None:
    """Check text in Windows-1252. Raises: EncodingsMixed, WrongEncoding, EncodingUnknown, NotText."""
    line, text = 1, ""
    for block in _bytes_of(source):
        text += _as_windows(block)
        mixed, wrong = is_utf_8_misread(text), has_sign_in_word(text)
        if (mixed or wrong) and _IN_NO_TEXT.search(block):
            raise NotText
        if mixed:
            at = line + _ends(text[: mixed.start()], "\r", "\n")
            raise EncodingsMixed(at, _first_line_not_utf_8(source))
        if wrong:
            raise _not_danish(line + _ends(text[: wrong.start()], "\r", "\n"), block)
        checked = max(len(text) - OVERLAP, 0)
        checked -= text[:checked].endswith("\r")
        line += _ends(text[:checked], "\r", "\n")
        text = text[checked:]


def _as_windows(block: bytes) -> str:
    try:
        return block.decode(WINDOWS)
    except UnicodeDecodeError:
        return block.decode(WINDOWS, errors="surrogateescape").translate(_UNDEFINED)


def _not_danish(line: int, block: bytes) -> FileRefused:
    likely = likely_encoding(block)
    return WrongEncoding(line, likely) if likely else EncodingUnknown(line)


def _first_line_not_utf_8(source: Source) -> int:
    """Return the line of the first byte that is not UTF-8; the file must have one."""
    decoder, line = _decoder("utf-8"), 1
    for block in chain(_bytes_of(source), (b"",)):
        try:
            line += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as wrong:
            return line + _ends(wrong.object[: wrong.start], b"\r", b"\n")
    return line


def _ends(text: AnyStr, carriage_return: AnyStr, line_feed: AnyStr) -> int:
    """Return the number of line ends in a text."""
    both = text.count(carriage_return + line_feed)
    return text.count(carriage_return) + text.count(line_feed) - both


def _decoder(encoding: str) -> IncrementalNewlineDecoder:
    return IncrementalNewlineDecoder(getincrementaldecoder(encoding)(), translate=True)


def _decodes(decoder: object, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)  # type: ignore[attr-defined]
    except UnicodeDecodeError:
        return False
    return True

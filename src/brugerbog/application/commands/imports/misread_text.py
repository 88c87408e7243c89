"""Recognises text that was decoded with another encoding than it was written in.

The intended letter is never guessed: text that doesn't read as Danish is refused. Signs that people do write
are accepted: a curly apostrophe or a dash between letters, an acute or a middle dot in a name.
"""

# ruff: noqa: RUF001, RUF002 - these signs are what this module is about

from __future__ import annotations

import re
from typing import Final

_LETTER: Final = r"A-Za-zÀ-ÖØ-öø-\u024f"
_LOWER: Final = r"a-zß-öø-ÿœšž"
_CONSONANT: Final = "B-DF-HJ-NP-TV-XZ"
_VOWEL: Final = "aeiouyæøåāīūáàâäéèêëíìîïóòôöúùûü"

_CONTINUATION: Final = bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore") + r"\x80-\xbf"
"""The characters as which Windows-1252 or Latin-1 decode 0x80 to 0xBF, the continuation bytes of UTF-8."""

_SUSPECT: Final = rf"[{_CONTINUATION}×÷]"
"""Every misread text has one of these. Each pattern begins with it, for a fast search."""

_QUIET_SIGNS: Final = "‘’“”•–—…\u00a0«»´"
_QUIET: Final = f"{_QUIET_SIGNS}ŠŽšžŒœŸ"
"""Signs and letters that can follow a real capital: »É«, Ø’s."""

_UTF_8_READ_AS_WINDOWS: Final = re.compile(
    rf"{_SUSPECT}(?:"
    rf"(?<=[ÂÃ][{_CONTINUATION}])"
    rf"|(?<=[ÄÅ][^{_QUIET_SIGNS}])"
    rf"|(?<=[Æ-ß][^{_QUIET}])"
    rf"|(?<=[à-ï][^{_QUIET}])(?=[{_CONTINUATION}])"
    rf"|(?<=á[º»])(?=[{_CONTINUATION}])"
    rf"|(?<=ð[Ÿ\x9f])(?=[{_CONTINUATION}]{{2}}))"
)

_IN_NO_WORD: Final = re.compile(
    rf"{_SUSPECT}(?:"
    rf"(?<=[{_LETTER}][‘“”„‚ƒ†‡ˆ‰‹›•˜™€¡¢£¤¥¦§¨©«»¬®¯°±²³¶¸¹¼½¾¿×÷])(?=[{_LETTER}])"
    rf"|(?<=[{_LETTER}][‚„†‡ƒ¿‹›¨§])"
    rf"|(?<=[†‡ƒ¿‹›¯¨®™£])(?=[{_LETTER}])"
    rf"|(?<=[A-ZÀ-Þ][{_CONSONANT}]’)(?=(?!S(?![A-ZÀ-Þ]))[{_CONSONANT}])"
    rf"|(?<=[{_LOWER}][ŒŠŽŸ])"
    rf"|(?<=[{_LETTER}][ŒŠŽŸ])(?=[{_LOWER}])"
    r"|(?<=[\x80-\x9f]))"
)
"""For text in Windows-1252: letters of DOS, Macintosh and other Windows code pages, misread."""

_OF_ANOTHER_ALPHABET: Final = re.compile(r"[À-ÄÇ-ÖÙ-äç-öù-ÿ]{4}")
"""Cyrillic or Greek decoded as Windows-1252; no word has as many accented letters in a row."""

_IN_NO_NAME: Final = re.compile(
    rf"{_SUSPECT}(?:"
    rf"(?<=[{_LETTER}][†‡ƒˆ‰‹›˜¢¤¥¦§¨¬¯¶¸¼½¾¿])(?=[{_LETTER}])"
    rf"|(?<=[{_LETTER}][‚„†‡ƒ¿›])"
    rf"|(?<=[†‡ƒ¿‹›¯])(?=[{_LETTER}])"
    rf"|(?<=[{_LETTER}]‘)(?<![OG{_VOWEL}g]‘)(?=[{_LOWER}])(?![{_VOWEL}])"
    rf"|(?<=[{_LETTER}][ŒŸ])(?=[{_LOWER}])"
    r"|(?<=[\x80-\x9f]))"
)
"""For text in Unicode, whose signs were saved on purpose, or by a program that misread the file.

`‘` beside a vowel is the ayn of Arabic names; DOS's æ, which is read as it, stands between consonants.
"""

_LINE_DRAWING: Final = r"\u2500-\u259f"
_OTHER_SCRIPTS: Final = r"\u0370-\u052f"
_IDEOGRAPHS: Final = r"\u3400-\u9fff"
_NEXT_TO_NO_LETTER: Final = re.compile(rf"[{_LETTER}][{_LINE_DRAWING}]|[{_LINE_DRAWING}][{_LETTER}]")
"""UTF-8 or Windows-1252 that a program for DOS decoded: `S├©ren`, `┼se`."""

_NOT_IN_A_NAME: Final = re.compile(
    rf"[{_LETTER}][{_OTHER_SCRIPTS}\u2200-\u22ff°µ®©¨¬±¤¥¦]|[{_OTHER_SCRIPTS}\u2200-\u22ff][{_LETTER}]"
    rf"|[{_LOWER}][{_IDEOGRAPHS}]|[{_IDEOGRAPHS}][{_LOWER}]"
    r"|&(?:#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5}|[A-Za-z]{2,8}[0-9]?);"
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[%=][0-9A-F]{2}|\+A[I-P][A-Za-z0-9+/]"
)
"""Letters of two alphabets in a word (`Sшren`, `S酶ren`), arithmetic (`S√∏ren`), and codes of letters.

The codes are those of HTML, JSON, addresses, mails, and UTF-7 (RFC 2152).
"""

_SUSPECTS: Final = re.compile(
    rf"[{_CONTINUATION}×÷{_LINE_DRAWING}{_OTHER_SCRIPTS}{_IDEOGRAPHS}\u2200-\u22ff]"
)
_MARK_FOR_A_LETTER: Final = re.compile(rf"[{_LETTER}]\?|\?[{_LETTER}]")

OVERLAP: Final = 5
"""Characters; no pattern of this module is longer."""

_DOS: Final = "øæåØÅöäé".encode("cp850")
_MACINTOSH: Final = "øæåØÆÅöäé".encode("mac_roman")


def is_utf_8_misread(text: str) -> re.Match[str] | None:
    """Find UTF-8 that was decoded as Windows-1252 or Latin-1, as in `SÃ¸ren`."""
    return _UTF_8_READ_AS_WINDOWS.search(text)


def has_sign_in_word(text: str) -> re.Match[str] | None:
    """Find a sign that no word has in text decoded as Windows-1252, as in `S›ren`."""
    return _IN_NO_WORD.search(text) or _OF_ANOTHER_ALPHABET.search(text)


def is_suspect(text: str) -> bool:
    """Return whether a text needs the slower checks for misread or lost letters."""
    if "?" in text or "&" in text or "\\" in text or "%" in text or "=" in text or "+" in text:
        return True
    return not text.isascii() and _SUSPECTS.search(text) is not None


def is_misread(text: str) -> bool:
    """Return whether text saved in Unicode was misread before, as in `SÃ¸ren` and `S›ren`."""
    return bool(
        _UTF_8_READ_AS_WINDOWS.search(text) or _IN_NO_NAME.search(text) or _NEXT_TO_NO_LETTER.search(text)
    )


def has_code_or_two_alphabets(name: str) -> bool:
    """Return whether a name has codes for letters, or letters of two alphabets or signs in one word."""
    return bool(_NOT_IN_A_NAME.search(name))


def likely_encoding(content: bytes) -> str | None:
    """Return the likely encoding of non-ASCII letters, by the Danish letters it gives; None if undecided."""
    dos, macintosh = (sum(map(content.count, _each(one))) for one in (_DOS, _MACINTOSH))
    if dos == macintosh:
        return None
    return "DOS (cp850)" if dos > macintosh else "Macintosh (Mac Roman)"


def _each(signs: bytes) -> list[bytes]:
    return [bytes([sign]) for sign in signs]


def has_lost_letter(name: str) -> bool:
    """Return whether a name has a question mark in place of a letter, as in `S?ren`."""
    return bool(_MARK_FOR_A_LETTER.search(name))

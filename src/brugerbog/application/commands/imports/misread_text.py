"""Recognises text that was read in another encoding than it was written in.

No guess is made about which letter was meant: what doesn't read as Danish would is refused. Signs that people
do write are left alone: a curly apostrophe or a dash between letters, an acute or a middle dot in a name.
"""

# ruff: noqa: RUF001, RUF002 - these signs are what this module is about

from __future__ import annotations

import re
from typing import Final

_LETTER: Final = r"A-Za-zÀ-ÖØ-öø-\u024f"
_LOWER: Final = r"a-zß-öø-ÿœšž"
_CONSONANT: Final = "B-DF-HJ-NP-TV-XZ"
_VOWEL: Final = "aeiouyæøåāīūáàâäéèêëíìîïóòôöúùûü"

_TRAIL: Final = bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore") + r"\x80-\xbf"
"""What a byte of 0x80 to 0xBF, one that goes on a letter in UTF-8, is read as in Windows-1252 or Latin-1."""

_SUSPECT: Final = rf"[{_TRAIL}×÷]"
"""Every text that is misread has one of these. Each pattern begins with it, so that searching is quick."""

_QUIET_SIGNS: Final = "‘’“”•–—…\u00a0«»´"
_QUIET: Final = f"{_QUIET_SIGNS}ŠŽšžŒœŸ"
"""Signs and letters that may well stand behind a real capital: »É«, Ø’s."""

_UTF_8_READ_AS_WINDOWS: Final = re.compile(
    rf"{_SUSPECT}(?:"
    rf"(?<=[ÂÃ][{_TRAIL}])"
    rf"|(?<=[ÄÅ][^{_QUIET_SIGNS}])"
    rf"|(?<=[Æ-ß][^{_QUIET}])"
    rf"|(?<=[à-ï][^{_QUIET}])(?=[{_TRAIL}])"
    rf"|(?<=á[º»])(?=[{_TRAIL}])"
    rf"|(?<=ð[Ÿ\x9f])(?=[{_TRAIL}]{{2}}))"
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
"""For text in Windows-1252: the letters of DOS, Macintosh and other Windows code pages read as it."""

_OF_ANOTHER_ALPHABET: Final = re.compile(r"[À-ÄÇ-ÖÙ-äç-öù-ÿ]{4}")
"""Cyrillic or Greek read as Windows-1252; no word has so many accents in a row."""

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

_BOXES: Final = r"\u2500-\u259f"
_OTHER_SCRIPTS: Final = r"\u0370-\u052f"
_IDEOGRAPHS: Final = r"\u3400-\u9fff"
_BESIDE_NO_LETTER: Final = re.compile(rf"[{_LETTER}][{_BOXES}]|[{_BOXES}][{_LETTER}]")
"""UTF-8 or Windows-1252 that was read by a program for DOS: `S├©ren`, `┼se`."""

_NOT_IN_A_NAME: Final = re.compile(
    rf"[{_LETTER}][{_OTHER_SCRIPTS}\u2200-\u22ff°µ®©¨¬±¤¥¦]|[{_OTHER_SCRIPTS}\u2200-\u22ff][{_LETTER}]"
    rf"|[{_LOWER}][{_IDEOGRAPHS}]|[{_IDEOGRAPHS}][{_LOWER}]"
    r"|&(?:#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5}|[A-Za-z]{2,8}[0-9]?);"
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[%=][0-9A-F]{2}|\+A[I-P][A-Za-z0-9+/]"
)
"""Letters of two alphabets in a word (`Sшren`, `S酶ren`), arithmetic (`S√∏ren`), and codes of letters.

The codes are those of HTML, JSON, addresses, mails, and UTF-7 (RFC 2152).
"""

_SUSPECTS: Final = re.compile(rf"[{_TRAIL}×÷{_BOXES}{_OTHER_SCRIPTS}{_IDEOGRAPHS}\u2200-\u22ff]")
_MARK_FOR_A_LETTER: Final = re.compile(rf"[{_LETTER}]\?|\?[{_LETTER}]")

OVERLAP: Final = 5
"""Characters; no pattern of this module is longer."""

_DOS: Final = "øæåØÅöäé".encode("cp850")
_MACINTOSH: Final = "øæåØÆÅöäé".encode("mac_roman")


def is_utf_8_misread(text: str) -> re.Match[str] | None:
    """The first place where UTF-8 was read as Windows-1252 or Latin-1, as in `SÃ¸ren`."""
    return _UTF_8_READ_AS_WINDOWS.search(text)


def has_sign_in_word(text: str) -> re.Match[str] | None:
    """The first place where a text read as Windows-1252 has a sign that no word has, as in `S›ren`."""
    return _IN_NO_WORD.search(text) or _OF_ANOTHER_ALPHABET.search(text)


def is_suspect(text: str) -> bool:
    """Whether it is worth while to look closer at a text for letters misread or lost."""
    if "?" in text or "&" in text or "\\" in text or "%" in text or "=" in text or "+" in text:
        return True
    return not text.isascii() and _SUSPECTS.search(text) is not None


def is_misread(text: str) -> bool:
    """Whether a text that was saved in Unicode had been misread before, as in `SÃ¸ren` and `S›ren`."""
    return bool(
        _UTF_8_READ_AS_WINDOWS.search(text) or _IN_NO_NAME.search(text) or _BESIDE_NO_LETTER.search(text)
    )


def has_code_or_two_alphabets(name: str) -> bool:
    """Whether a name holds codes instead of letters, or letters of two alphabets or signs in one word."""
    return bool(_NOT_IN_A_NAME.search(name))


def likely_encoding(content: bytes) -> str | None:
    """What wrote the letters beyond ASCII, by which Danish letters there would be; None if nothing tells."""
    dos, macintosh = (sum(map(content.count, _each(one))) for one in (_DOS, _MACINTOSH))
    if dos == macintosh:
        return None
    return "DOS (cp850)" if dos > macintosh else "Macintosh (Mac Roman)"


def _each(signs: bytes) -> list[bytes]:
    return [bytes([sign]) for sign in signs]


def has_lost_letter(name: str) -> bool:
    """Whether a question mark stands in a name where a letter must have been, as in `S?ren`."""
    return bool(_MARK_FOR_A_LETTER.search(name))

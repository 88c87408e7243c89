"""Keys for Danish sorting and search, as text that all databases compare alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from brugerbog.domain.values.characters import without_invisible

# {, | and } follow z, and ! follows the space, so that code points give the Danish order.
_SORTED_AS: Final = {
    "æ": "{", "a\u0308": "{", "ø": "|", "o\u0308": "|", "o\u030b": "|", "œ": "|", "a\u030a": "}",
    "u\u0308": "y", "u\u030b": "y", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "\u0131": "i", "þ": "th",
}  # fmt: skip
_FOUND_AS: Final = {
    "æ": "æ", "ø": "ø", "a\u030a": "å",
    "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "\u0131": "i", "þ": "th",
}  # fmt: skip
_APOSTROPHES: Final = "'\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u2032"

_PLAIN = re.compile(r"[a-zæøå0-9]+(?: [a-zæøå0-9]+)*")
_WORD = re.compile(r"[^\W_]+")
_WRAPPING: Final = "<>()[]\"',;:."


class _Letters(dict[int, str]):
    """For `str.translate`: the replacement of each character, computed at its first occurrence."""

    def __init__(self, letters: dict[str, str], *, keep_signs: bool) -> None:
        """Take the replacements of letters, with accents that count; `keep_signs` keeps other signs."""
        super().__init__()
        self._letters = letters
        self._keep_signs = keep_signs

    def __missing__(self, code: int) -> str:
        self[code] = replacement = self._replacement(chr(code))
        return replacement

    def _replacement(self, character: str) -> str:
        category = unicodedata.category(character)
        if category[0] in "LN":
            parts = unicodedata.normalize("NFKD", character).casefold()
            accented = self._letters.get(parts[:2])
            if accented is not None:
                return accented
            return "".join(
                self._letters.get(part, part) for part in parts if unicodedata.category(part)[0] in "LN"
            )
        if category[0] == "M" or category == "Cf" or character in _APOSTROPHES:
            return ""
        if category[0] in "CZ":
            return " "
        if self._keep_signs:
            return character
        return " " if category == "Pd" or character == "/" else ""


_SORTING: Final = _Letters(_SORTED_AS, keep_signs=False)
_FINDING: Final = _Letters(_FOUND_AS, keep_signs=True)


def sort_key(*names: str) -> str:
    """Return a key that sorts by code points (SQLite BINARY, PostgreSQL "C") in the Danish order of names.

    … z æ ø å; aa as å, ä as æ, ö as ø, ü as y; case, other accents, apostrophes and invisible characters
    don't count; a hyphen is a blank, and a blank sorts before letters (Retskrivningsordbogen). Of names that
    are then equal, the one without accents comes first. Keys are comparable if made of equally many names.
    """
    written = [_lower(name) for name in names]
    key = " ".join([_sorted_as(name) for name in written])
    if all(_PLAIN.fullmatch(name) and "aa" not in name for name in written):
        return key
    return f"{key} {' '.join(written)}"


def search_text(*parts: str) -> str:
    """Return the searchable words, each between blanks, for prefix search (`LIKE '% word%'`).

    Case and accents other than those of æ, ø and å don't count. An e-mail address is one word, and each part
    before its @ is another.
    """
    words = dict.fromkeys(word for part in parts for word in _words(part, pieces=True))
    return f" {' '.join(words)} " if words else ""


def search_words(text: str) -> list[str]:
    """Return the words of a search, normalised as in `search_text`.

    A text matches if each of them is a prefix of one of its words.
    Words with an @ may contain % and _, which the caller escapes for LIKE.
    """
    return list(dict.fromkeys(_words(text, pieces=False)))


def _lower(text: str) -> str:
    """Return the text in lower case (NFC), without invisible characters."""
    return (
        text.lower() if text.isascii() else unicodedata.normalize("NFC", without_invisible(text).casefold())
    )


def _sorted_as(name: str) -> str:
    if "aa" in name:
        name = name.replace("aa", "å")
    elif name.isascii() and name.isalpha():
        return name
    return "!".join(name.translate(_SORTING).split())


def _words(text: str, *, pieces: bool) -> Iterator[str]:
    plain = text.isascii() and text.isprintable() and "'" not in text
    folded = text.lower() if plain else _lower(text).translate(_FINDING)
    for token in folded.split():
        local, at, _ = token.partition("@")
        if at:
            yield token.strip(_WRAPPING)
        if pieces or not at:
            yield from _WORD.findall(local)

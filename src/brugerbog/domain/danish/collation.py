"""Danish order and search, as text that every database compares and finds alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from brugerbog.domain.values.characters import without_invisible

# {, | and } follow z, and ! follows the space: plain code points give the Danish order.
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
    """For `str.translate`: what each character becomes, worked out when it first occurs."""

    def __init__(self, known: dict[str, str], *, others: bool) -> None:
        """`known` maps a letter, with its accent if that counts; `others` keeps signs that are no letters."""
        super().__init__()
        self._known = known
        self._others = others

    def __missing__(self, code: int) -> str:
        self[code] = letters = self._work_out(chr(code))
        return letters

    def _work_out(self, character: str) -> str:
        category = unicodedata.category(character)
        if category[0] in "LN":
            parts = unicodedata.normalize("NFKD", character).casefold()
            accented = self._known.get(parts[:2])
            if accented is not None:
                return accented
            return "".join(
                self._known.get(part, part) for part in parts if unicodedata.category(part)[0] in "LN"
            )
        if category[0] == "M" or category == "Cf" or character in _APOSTROPHES:
            return ""
        if category[0] in "CZ":
            return " "
        if self._others:
            return character
        return " " if category == "Pd" or character == "/" else ""


_SORTING: Final = _Letters(_SORTED_AS, others=False)
_FINDING: Final = _Letters(_FOUND_AS, others=True)


def sort_key(*names: str) -> str:
    """A key whose order by code points (SQLite BINARY, PostgreSQL "C") is the Danish order of the names.

    … z æ ø å; aa as å, ä as æ, ö as ø, ü as y; case, other accents and apostrophes don't count, a hyphen is a
    blank, and a blank comes before letters (Retskrivningsordbogen). Names that are then equal
    stand plain before accented; what can't be seen doesn't count. Keys are comparable when made of
    equally many names.
    """
    written = [_lower(name) for name in names]
    key = " ".join([_sorted_as(name) for name in written])
    if all(_PLAIN.fullmatch(name) and "aa" not in name for name in written):
        return key
    return f"{key} {' '.join(written)}"


def search_text(*parts: str) -> str:
    """The words to be found, each between blanks: what is sought begins one of them (`LIKE '% word%'`).

    Case and accents other than those of æ, ø and å don't count. An e-mail address is one word, and each piece
    of it before the @ is another.
    """
    words = dict.fromkeys(word for part in parts for word in _words(part, pieces=True))
    return f" {' '.join(words)} " if words else ""


def search_words(text: str) -> list[str]:
    """The words that somebody seeks, written as in `search_text`; each must begin one of its words.

    Those with an @ may hold % and _, which the caller escapes in a LIKE.
    """
    return list(dict.fromkeys(_words(text, pieces=False)))


def _lower(text: str) -> str:
    """The text in lower case, composed, without what can't be seen."""
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

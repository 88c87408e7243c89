"""Normalisation of text about people: allowed characters, and the forms for comparison.

The rule uses properties of the Unicode Character Database; the first matching class counts:

- Bidirectional embeddings, overrides and isolates (U+202E), controls, line and paragraph separators and
  surrogates (Cc, Zl, Zp, Cs) are refused: `ControlCharacter`.
- Joiners and variation selectors are kept after a letter without case (Lo; Persian, Indic and Chinese names
  need them) and after a symbol (emoji), and dropped elsewhere.
- Default ignorable characters (U+00AD, U+200B, U+FEFF) and other invisible format characters (Cf) are
  dropped.
- Unassigned and private-use characters (Cn, Co) and replacement characters (U+FFFD) are refused:
  `UnreadableCharacter`.
- Blanks (Zs), and symbols without ink (U+2800), become a space.
- Combining marks (M) without a base, or more than 8 in a row, are refused: `MarksMisplaced`.
- All others are kept: letters, digits, punctuation, symbols.

The Unicode version of Python determines the unassigned characters: a more recent letter is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.spreadsheet_damage import BLANKS

MAX_COMBINING_MARKS: Final = 8
"""Combining marks allowed after one base (ours); no orthography needs more, Tibetan needs the most."""

# Default_Ignorable_Code_Point (DerivedCoreProperties.txt, Unicode 16.0), which `unicodedata` doesn't know.
_DEFAULT_IGNORABLE: Final = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)  # fmt: skip
# Prepended_Concatenation_Mark (PropList.txt, Unicode 16.0): visible format characters (Cf).
_VISIBLE_FORMAT: Final = frozenset(
    map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD))
)
# The empty Braille cell, the filler of Khitan and the musical null notehead have no ink; Unicode has no
# property for that.
_NO_INK: Final = "\u2800\U00016fe4\U0001d159"
_LOST_CHARACTERS: Final = "\ufffc\ufffd"
_JOINERS: Final = "\u200c\u200d"
_SELECTORS: Final = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# Letters of scripts without case, which alone use joiners and selectors, and symbols (emoji, skin tones).
_WITHOUT_CASE: Final = frozenset({"Lo", "So", "Sk"})
_REORDERING: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))

# Printable characters up to U+02FF without no-break space and soft hyphen: all are kept, and composed.
_PLAIN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff]*")

# Latin letters that only case folding changes: the fast path of `comparison_form` (test_characters.py).
_LATIN = re.compile(r"[\0 -~\u00c0-\u012f\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e]*")

_ANY_I = re.compile("[i\u0131]\u0307*")


def normalized_text(text: str) -> str:
    """Return a text of one line as stored: NFC, without surrounding blanks and invisible characters.

    The result is empty if no character is visible.
    Raises: ControlCharacter, UnreadableCharacter, MarksMisplaced.
    """
    trimmed = text.strip(BLANKS)
    if (trimmed.isascii() and trimmed.isprintable()) or _PLAIN.fullmatch(trimmed):
        return trimmed
    output: list[str] = []
    marks, selectable = MAX_COMBINING_MARKS, ""
    for character in trimmed:
        replacement = _REPLACEMENTS[character]
        if replacement == _MARK:
            marks += 1
            if marks > MAX_COMBINING_MARKS:
                raise MarksMisplaced
            output.append(character)
        elif replacement in (_JOINER, _SELECTOR):
            if replacement in selectable:
                output.append(character)
                selectable = _JOINER if replacement == _SELECTOR else ""
        elif replacement:
            output.append(replacement)
            marks = MAX_COMBINING_MARKS if replacement == " " else 0
            selectable = _JOINER + _SELECTOR if unicodedata.category(replacement) in _WITHOUT_CASE else ""
    return unicodedata.normalize("NFC", "".join(output).strip(" "))


def visible_form(text: str) -> str:
    """Return the form in which texts that look alike are equal: NFKC, single spaces, no invisible characters.

    Refuses nothing: texts stored before the rule existed are accepted too.
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", without_invisible(text)).split())


def comparison_form(text: str) -> str:
    """Return the form in which people and accounts are compared: as `visible_form`, and without case.

    The dot of an i doesn't count: Turkish has different capitals for the dotted and the dotless i
    (SpecialCasing.txt, Unicode), and programs confuse the two.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    if _LATIN.fullmatch(text):
        return " ".join(text.casefold().replace("\u0131", "i").split())
    return _comparison_form(text)


def _comparison_form(text: str) -> str:
    folded = visible_form(visible_form(visible_form(text).casefold()).casefold())
    return visible_form(_ANY_I.sub("i", folded))


def without_invisible(text: str) -> str:
    """Return the text without invisible characters; those without ink that take up space become a space."""
    return text if text.isascii() else text.translate(_INVISIBLE)


def has_letter(text: str) -> bool:
    """Whether a normalised text has a letter."""
    return text[:1].isalpha() or any(character.isalpha() for character in text)


def has_letter_or_digit(text: str) -> bool:
    """Whether a normalised text has a letter or a digit."""
    return any(character.isalnum() for character in text)


def _within(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


def _is_invisible(character: str) -> bool:
    if unicodedata.category(character) == "Cf" and character not in _VISIBLE_FORMAT:
        return True
    return _within(_DEFAULT_IGNORABLE, character)


# Values of `_Replacements` for characters that need context; longer than any character.
_MARK: Final = "mark "
_JOINER: Final = "join "
_SELECTOR: Final = "select "


class _Replacements(dict[str, str]):
    """Per character: itself, nothing, a space, or a class that needs context; forbidden ones raise."""

    def __missing__(self, character: str) -> str:
        self[character] = found = self._find(character)
        return found

    @staticmethod
    def _find(character: str) -> str:
        category = unicodedata.category(character)
        if character in _REORDERING or category in {"Cc", "Cs", "Zl", "Zp"}:
            raise ControlCharacter
        if character in _JOINERS:
            return _JOINER
        if _within(_SELECTORS, character):
            return _SELECTOR
        if _is_invisible(character):
            return ""
        if category in {"Cn", "Co"} or character in _LOST_CHARACTERS:
            raise UnreadableCharacter
        if category == "Zs" or character in _NO_INK:
            return " "
        return _MARK if category[0] == "M" else character


class _Invisible(dict[int, str | None]):
    """For `str.translate`: invisible characters are removed, those without ink become a space."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        self[code] = found = None if _is_invisible(character) else " " if character in _NO_INK else character
        return found


_REPLACEMENTS: Final = _Replacements()
_INVISIBLE: Final = _Invisible()


@dataclass(eq=False)
class ControlCharacter(Refusal):
    """The text has a line break or another control character, which breaks lists and files (ours)."""

    code = "control_character"
    danish = (
        "Teksten indeholder et linjeskift, et tabulatortegn eller et andet usynligt tegn. "
        "Slet teksten, og skriv den igen på én linje."
    )
    english = (
        "The text holds a line break, a tab or another invisible character. "
        "Delete the text and write it again on one line."
    )


@dataclass(eq=False)
class UnreadableCharacter(Refusal):
    """The text has an unassigned, private-use or replacement character (ours)."""

    code = "unreadable_character"
    danish = (
        "Teksten indeholder et tegn, der ikke kan læses; måske er et bogstav gået tabt undervejs. "
        "Slet teksten, og skriv den igen."
    )
    english = (
        "The text holds a character that can't be read; perhaps a letter was lost on its way. "
        "Delete the text and write it again."
    )


@dataclass(eq=False)
class MarksMisplaced(Refusal):
    """A combining mark needs a base character, which has a limited number of marks (ours)."""

    code = "marks_misplaced"
    danish = (
        "Teksten har accenttegn uden bogstav eller for mange oven på hinanden. "
        "Slet teksten, og skriv den igen."
    )
    english = (
        "The text has combining marks without a letter, or too many upon one. "
        "Delete the text and write it again."
    )

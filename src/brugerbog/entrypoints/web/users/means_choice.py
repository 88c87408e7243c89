"""The form for the means of users sent to activation, and for the number of new means they may order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.web.forms import Checkbox, FieldReader, Form, Text

if TYPE_CHECKING:
    from brugerbog.domain.settings import Settings

MAX_NEW_MEANS: Final = 5
"""The most new means of a kind on a page (our own limit)."""

_DEDICATED: Final = (Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP)


@dataclass(eq=False)
class CountUnreadable(Refusal):
    """The text is no whole number from 0 to `MAX_NEW_MEANS`."""

    code = "count_unreadable"
    danish = "Skriv et helt tal fra 0 til {most}."
    english = "A whole number from 0 to {most} is needed."
    most: int = MAX_NEW_MEANS


class NewMeansForm(Form):
    """Whether the private means is allowed, and a number of each other kind (guide, Send flere brugere)."""

    private: Checkbox = False
    app: Text = "0"
    code_display: Text = "0"
    audio_code_reader: Text = "0"
    chip: Text = "0"

    @property
    def means(self) -> tuple[Means, ...]:
        """The means, each kind as often as its number. Raises: Refusals."""
        reader, means = FieldReader(), [Means.PRIVATE] if self.private else []
        for kind in _DEDICATED:
            means += [kind] * (reader.read(kind.value, getattr(self, kind.value), _count) or 0)
        reader.raise_objections()
        return tuple(means)

    @property
    def fields(self) -> dict[str, str]:
        """The form's own fields as hidden fields of the next page."""
        counts = {kind.value: str(getattr(self, kind.value)) for kind in _DEDICATED}
        return ({"private": "true"} if self.private else {}) | counts


def offered(settings: Settings) -> list[Means]:
    """Return the kinds of means that users may get anew."""
    return [kind for kind in _DEDICATED if settings.offers(kind)]


def _count(text: str) -> int:
    text = text.strip() or "0"
    if not (text.isascii() and text.isdecimal()) or int(text) > MAX_NEW_MEANS:
        raise CountUnreadable
    return int(text)

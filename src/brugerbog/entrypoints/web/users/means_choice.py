"""Which means users may use once they are activated, and how many new ones of each kind they may order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.web.forms import Form, Reader, Text, Tick

if TYPE_CHECKING:
    from brugerbog.domain.settings import Settings

MOST: Final = 5
"""So many new means of a kind a page offers (ours)."""

_DEDICATED: Final = (Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP)


@dataclass(eq=False)
class CountUnreadable(Refusal):
    """How many new means there may be is a small number."""

    code = "count_unreadable"
    danish = "Skriv et helt tal fra 0 til {most}."
    english = "A whole number from 0 to {most} is needed."
    most: int = MOST


class NewMeansForm(Form):
    """The private means is allowed or not; of the others a number is said (guide, Send flere brugere)."""

    private: Tick = False
    app: Text = "0"
    code_display: Text = "0"
    audio_code_reader: Text = "0"
    chip: Text = "0"

    @property
    def means(self) -> tuple[Means, ...]:
        """A kind is named as often as there may be new ones of it. Raises: Refusals."""
        reader, means = Reader(), [Means.PRIVATE] if self.private else []
        for kind in _DEDICATED:
            means += [kind] * (reader.read(kind.value, getattr(self, kind.value), _count) or 0)
        reader.done()
        return tuple(means)

    @property
    def said(self) -> dict[str, str]:
        """What is filled in, for a page that sends it on."""
        counts = {kind.value: str(getattr(self, kind.value)) for kind in _DEDICATED}
        return ({"private": "true"} if self.private else {}) | counts


def offered(settings: Settings) -> list[Means]:
    """The kinds of which users may have new ones."""
    return [one for one in _DEDICATED if settings.offers(one)]


def _count(text: str) -> int:
    text = text.strip() or "0"
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST:
        raise CountUnreadable
    return int(text)

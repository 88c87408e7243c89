"""Means of identification and assurance levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from brugerbog.domain.kernel.privacy import Personal


class Means(StrEnum):
    """Identification means: the user's private MitID, a shared one, or a device of a dedicated MitID."""

    PRIVATE = "private"
    SHARED = "shared"
    APP = "app"
    CODE_DISPLAY = "code_display"
    AUDIO_CODE_READER = "audio_code_reader"
    CHIP = "chip"


DEDICATED: Final = frozenset({Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP})

HARDWARE: Final = frozenset({Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP})
"""Devices that the organisation orders for the user and pays for (guide, Opret nye brugere)."""

SINGLE: Final = frozenset({Means.PRIVATE, Means.SHARED})
"""Means of which a user has at most one; of the others, dedicated to business, a user may have several."""

DANISH_MEANS: Final = {
    Means.PRIVATE: "privat MitID",
    Means.SHARED: "delt identifikationsmiddel",
    Means.APP: "MitID app",
    Means.CODE_DISPLAY: "kodeviser",
    Means.AUDIO_CODE_READER: "kodeoplæser",
    Means.CHIP: "chip",
}


@dataclass(frozen=True, slots=True, repr=False)
class SharedMeans:
    """A dedicated means of an organisation (by CVR number), usable in other organisations too."""

    owner_cvr: str
    identifier: Personal[str]


class MeansRefusal:
    """Base of refusals about one kind of means, whose Danish text names it as `{name}`."""

    danish: ClassVar[str]
    means: Means

    @property
    def name(self) -> str:
        return DANISH_MEANS[self.means]

    @property
    def message(self) -> str:
        """The Danish text, for people."""
        text = self.danish.format(name=self.name)
        return text[0].upper() + text[1:]


class Ial(StrEnum):
    """Identity assurance level: `substantial` is level 3, `high` is level 4."""

    SUBSTANTIAL = "substantial"
    HIGH = "high"

    @property
    def danish(self) -> str:
        return "høj" if self is Ial.HIGH else "betydelig"

    @property
    def level(self) -> int:
        return 4 if self is Ial.HIGH else 3

    @classmethod
    def of_level(cls, level: str) -> Ial | None:
        return {"3": cls.SUBSTANTIAL, "4": cls.HIGH}.get(level)

"""Settings as a form has them, and back: what is filled in, what is wrong with it, and how it is told."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, StringConstraints

from brugerbog.application.refusals.requests import SettingsInvalid
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.entrypoints.presentation.words import kroner
from brugerbog.entrypoints.web.danish_format import capital, listed, read_count, read_oere, thousands
from brugerbog.entrypoints.web.forms import Form, FormErrors, Reader, Several, Text, Tick
from brugerbog.entrypoints.web.organisation.setting_sections import ControlKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from brugerbog.domain.settings import Settings
    from brugerbog.entrypoints.web.organisation.setting_sections import Control, Section

Lines = Annotated[str, StringConstraints(max_length=200_000)]
Cells = Annotated[tuple[Annotated[str, StringConstraints(max_length=500)], ...], Field(max_length=330)]
"""A column of the catalogue; a form with more fields isn't read."""

DEVICES: Final = (Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP)
MOST_RIGHTS: Final = 300
"""So many rights a form holds; a larger catalogue is changed by a file."""

_SHOWN: Final = 5
_MOST_TOLD: Final = 20
_PRICES: Final = ("user", "free_users", "code_display", "audio_code_reader", "chip")
_CELLS: Final = {"id": "id", "name": "navn", "service_provider": "selvbetjening"}
_COUNTED: Final = {
    "p_numbers": ("nummer", "numre"),
    "se_numbers": ("nummer", "numre"),
    "eans": ("EAN-nummer", "EAN-numre"),
    "certificate_profiles": ("certifikatprofil", "certifikatprofiler"),
}


class SettingsForm(Form):
    """The settings of any one section, by their names.

    `seen` tells what stood there when the form was opened, `step` what a button other than "Gem" asks for.
    """

    allow_anonymous: Tick = False
    allow_private_means: Tick = False
    allow_shared_means: Tick = False
    use_p_numbers: Tick = False
    use_se_numbers: Tick = False
    use_reference_text: Tick = False
    allow_sealing: Tick = False
    dedicated_means: Several = ()
    p_numbers: Lines = ""
    se_numbers: Lines = ""
    eans: Lines = ""
    certificate_profiles: Lines = ""
    ial: Text = ""
    right_id: Cells = ()
    right_name: Cells = ()
    right_service_provider: Cells = ()
    erasure_retention_days: Text = ""
    activity_retention_months: Text = ""
    mail_retention_months: Text = ""
    user: Text = ""
    free_users: Text = ""
    code_display: Text = ""
    audio_code_reader: Text = ""
    chip: Text = ""
    seen: Text = ""
    step: Text = ""

    @property
    def rights(self) -> list[tuple[str, ...]]:
        """The catalogue row by row, with the rows that are empty."""
        columns = (self.right_id, self.right_name, self.right_service_provider)
        return list(zip(*columns, strict=False))


def filled_in(section: Section, settings: Settings) -> dict[str, Any]:
    """What stands in a section's form when it is opened."""
    return {control.name: _text(control, _value(control, settings)) for control in section.controls}


def entered(section: Section, form: SettingsForm) -> dict[str, Any]:
    """What somebody has filled in, to be shown again."""
    return {control.name: getattr(form, control.name) for control in section.controls}


def sent(section: Section, form: SettingsForm) -> Iterator[tuple[str, str]]:
    """The fields of a section as they were sent, to be sent once more."""
    columns = {"rights": [f"right_{cell}" for cell in _CELLS]}
    for name in (field for one in section.controls for field in columns.get(one.name, [one.name])):
        value = getattr(form, name)
        if value is True:
            yield name, "true"
        elif value is not False:
            yield from ((name, one) for one in ([value] if isinstance(value, str) else value))


def standing(section: Section, settings: Settings) -> dict[str, Any]:
    """The settings of a section as they are, in the form that `read` has them in."""
    names = {"prices" if one.name in _PRICES else one.name for one in section.controls}
    return {name: value for name, value in settings.as_json().items() if name in names}


def mark_of(section: Section, settings: Settings) -> str:
    """Differs when the settings of a section do."""
    return sha256(repr(standing(section, settings)).encode()).hexdigest()[:16]


def read(section: Section, form: SettingsForm) -> dict[str, Any]:
    """The settings of a section as the service takes them. Raises: Refusals, of what can't be read."""
    reader, values = Reader(), dict[str, Any]()
    for control in section.controls:
        values[control.name] = _read(reader, control, getattr(form, control.name))
    reader.done()
    prices = {name: value for name, value in values.items() if name in _PRICES}
    return {"prices": prices} if prices else values


def errors_of(refusal: Refusal, section: Section, form: SettingsForm) -> FormErrors:
    """What is wrong, at the field where it is wrong; lines and rows are told by their numbers."""
    if isinstance(refusal, Refusals):
        told = [_told(one.field, one.refusal, section, form) for one in refusal.objections]
        more = len(told) - _MOST_TOLD
        return FormErrors([*told[:_MOST_TOLD], (None, f"Og {thousands(more)} til.")] if more > 0 else told)
    return FormErrors([_told(refusal.concerns or "", refusal, section, form)])


def _told(where: str, refusal: Refusal, section: Section, form: SettingsForm) -> tuple[str | None, str]:
    said = refusal.what if isinstance(refusal, SettingsInvalid) else refusal.message
    name, *rest = where.removeprefix("prices.").split(".")
    control = next((one for one in section.controls if one.name == name), None)
    if control is None:
        return None, said
    if control.kind is ControlKind.DEVICES:
        return name, "Vælg mindst én enhed."
    if control.kind is ControlKind.LINES and rest:
        number, _ = list(_lines(getattr(form, name)))[int(rest[0])]
        return name, f"Linje {number}: {said}"
    if control.kind is ControlKind.CATALOGUE and len(rest) > 1:
        number, _ = list(_rows(form.rights))[int(rest[0])]
        return f"right_{rest[1]}-{number}", f"Række {number}, {_CELLS[rest[1]]}: {said}"
    return name, said


def _value(control: Control, settings: Settings) -> Any:  # noqa: ANN401 - of any setting
    return getattr(settings.prices if control.name in _PRICES else settings, control.name)


def _text(control: Control, value: Any) -> Any:  # noqa: ANN401 - as a control of its kind takes it
    match control.kind:
        case ControlKind.LINES:
            return "\n".join(value)
        case ControlKind.AMOUNT:
            return kroner(value)
        case ControlKind.COUNT:
            return str(value)
        case ControlKind.CATALOGUE:
            return [*((one.id, one.name, one.service_provider) for one in value), ("", "", "")]
        case _:
            return value


def _read(reader: Reader, control: Control, filled: Any) -> Any:  # noqa: ANN401 - as above
    match control.kind:
        case ControlKind.LINES:
            return [line for _, line in _lines(filled)]
        case ControlKind.AMOUNT:
            return reader.read(control.name, filled, read_oere)
        case ControlKind.COUNT:
            return reader.read(control.name, filled, read_count)
        case ControlKind.DEVICES:
            return [one for one in DEVICES if one in filled]
        case ControlKind.CATALOGUE:
            return [dict(zip(_CELLS, cells, strict=True)) for _, cells in _rows(filled)]
        case _:
            return filled


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _rows(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows that say something, with their numbers."""
    return ((number, cells) for number, cells in enumerate(rows, 1) if any(cell.strip() for cell in cells))


def summary(section: Section, settings: Settings) -> list[str]:
    """How the settings of a section stand, in a few words."""
    return [_SUMMARIES[one.kind](one, _value(one, settings)) for one in section.controls]


def _some(texts: Sequence[str], one: str, several: str) -> str:
    """`2 numre: a og b`; of many the first few."""
    if not texts:
        return f"Ingen {several}"
    more = len(texts) - _SHOWN
    shown = [*texts[:_SHOWN], f"{thousands(more)} til"] if more > 0 else texts
    return f"{thousands(len(texts))} {one if len(texts) == 1 else several}: {listed(list(shown))}"


def _counted(control: Control, value: int) -> str:
    unit = control.unit and control.unit[value != 1]
    return f"{thousands(value)} {unit}" if unit else thousands(value)


_SUMMARIES: Final[dict[ControlKind, Callable[[Control, Any], str]]] = {
    ControlKind.SWITCH: lambda control, value: f"{control.label}: {'ja' if value else 'nej'}",
    ControlKind.LEVEL: lambda _, value: f"{capital(value.danish)} ({value.level})",
    ControlKind.DEVICES: lambda _, value: capital(listed([DANISH_MEANS[one] for one in value])),
    ControlKind.LINES: lambda control, value: _some(value, *_COUNTED[control.name]),
    ControlKind.CATALOGUE: lambda _, value: _some([one.name for one in value], "rettighed", "rettigheder"),
    ControlKind.COUNT: lambda control, value: f"{control.label}: {_counted(control, value)}",
    ControlKind.AMOUNT: lambda control, value: f"{control.label}: {kroner(value)} kr.",
}

"""Conversion of settings to form values and back, with the errors of a form and summaries of settings."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, StringConstraints

from brugerbog.application.refusals.requests import SettingsInvalid
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.entrypoints.presentation.words import kroner
from brugerbog.entrypoints.web.danish_format import capital, listed, read_count, read_oere, thousands
from brugerbog.entrypoints.web.forms import Checkbox, FieldReader, Form, FormErrors, Text, Values
from brugerbog.entrypoints.web.organisation.setting_sections import ControlKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from brugerbog.domain.settings import Settings
    from brugerbog.entrypoints.web.organisation.setting_sections import Control, Section

Lines = Annotated[str, StringConstraints(max_length=200_000)]
Cells = Annotated[tuple[Annotated[str, StringConstraints(max_length=500)], ...], Field(max_length=330)]
"""A column of the catalogue of rights, within the form parser's limit on the number of fields."""

DEVICES: Final = (Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP)
MAX_RIGHTS: Final = 300
"""The most rights in a form; a larger catalogue is changed with a file."""

_MAX_IN_SUMMARY: Final = 5
_MAX_ERRORS: Final = 20
_PRICES: Final = ("user", "free_users", "code_display", "audio_code_reader", "chip")
_CELLS: Final = {"id": "id", "name": "navn", "service_provider": "selvbetjening"}
"""The fields of a right, with their Danish names."""

_SINGULAR_AND_PLURAL: Final = {
    "p_numbers": ("nummer", "numre"),
    "se_numbers": ("nummer", "numre"),
    "eans": ("EAN-nummer", "EAN-numre"),
    "certificate_profiles": ("certifikatprofil", "certifikatprofiler"),
}


class SettingsForm(Form):
    """The form of any section: it has the fields of all settings, and only the section's own are sent.

    `seen` is the fingerprint of the section's settings when the form was opened. `step` is the action of the
    pressed button, empty for "Gem".
    """

    allow_anonymous: Checkbox = False
    allow_private_means: Checkbox = False
    allow_shared_means: Checkbox = False
    use_p_numbers: Checkbox = False
    use_se_numbers: Checkbox = False
    use_reference_text: Checkbox = False
    allow_sealing: Checkbox = False
    dedicated_means: Values = ()
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
        """The catalogue of rights row by row, including empty rows."""
        columns = (self.right_id, self.right_name, self.right_service_provider)
        return list(zip(*columns, strict=False))


def form_values(section: Section, settings: Settings) -> dict[str, Any]:
    """Return the present settings of a section as the values of its form."""
    return {control.name: _text(control, _value(control, settings)) for control in section.controls}


def entered_values(section: Section, form: SettingsForm) -> dict[str, Any]:
    """Return the values of a sent form, to show the form again."""
    return {control.name: getattr(form, control.name) for control in section.controls}


def sent_fields(section: Section, form: SettingsForm) -> Iterator[tuple[str, str]]:
    """Yield name and text of each field of a sent form, for the hidden fields of the next page."""
    fields_of = {"rights": [f"right_{cell}" for cell in _CELLS]}
    controls = section.controls
    for name in (field for control in controls for field in fields_of.get(control.name, [control.name])):
        value = getattr(form, name)
        if value is True:
            yield name, "true"
        elif value is not False:
            yield from ((name, text) for text in ([value] if isinstance(value, str) else value))


def current_values(section: Section, settings: Settings) -> dict[str, Any]:
    """Return the present settings of a section, in the format of `read_values`."""
    names = {"prices" if control.name in _PRICES else control.name for control in section.controls}
    return {name: value for name, value in settings.as_json().items() if name in names}


def fingerprint_of(section: Section, settings: Settings) -> str:
    """Return a fingerprint of a section's settings, to detect a change by another administrator."""
    return sha256(repr(current_values(section, settings)).encode()).hexdigest()[:16]


def read_values(section: Section, form: SettingsForm) -> dict[str, Any]:
    """Return the settings of a form for `change_settings`. Raises: Refusals, for unreadable values."""
    reader, values = FieldReader(), dict[str, Any]()
    for control in section.controls:
        values[control.name] = _read(reader, control, getattr(form, control.name))
    reader.raise_objections()
    prices = {name: value for name, value in values.items() if name in _PRICES}
    return {"prices": prices} if prices else values


def errors_of(refusal: Refusal, section: Section, form: SettingsForm) -> FormErrors:
    """Return the errors by field, at most 20; messages name the numbers of lines and rows."""
    if isinstance(refusal, Refusals):
        errors = [_error_of(each.field, each.refusal, section, form) for each in refusal.objections]
        more = len(errors) - _MAX_ERRORS
        rest = [(None, f"Og {thousands(more)} til.")] if more > 0 else []
        return FormErrors([*errors[:_MAX_ERRORS], *rest])
    return FormErrors([_error_of(refusal.concerns or "", refusal, section, form)])


def _error_of(field: str, refusal: Refusal, section: Section, form: SettingsForm) -> tuple[str | None, str]:
    message = refusal.what if isinstance(refusal, SettingsInvalid) else refusal.message
    name, *rest = field.removeprefix("prices.").split(".")
    control = next((control for control in section.controls if control.name == name), None)
    if control is None:
        return None, message
    if control.kind is ControlKind.DEVICES:
        return name, "Vælg mindst én enhed."
    if control.kind is ControlKind.LINES and rest:
        number, _ = list(_lines(getattr(form, name)))[int(rest[0])]
        return name, f"Linje {number}: {message}"
    if control.kind is ControlKind.CATALOGUE and len(rest) > 1:
        number, _ = list(_rows(form.rights))[int(rest[0])]
        return f"right_{rest[1]}-{number}", f"Række {number}, {_CELLS[rest[1]]}: {message}"
    return name, message


def _value(control: Control, settings: Settings) -> Any:  # noqa: ANN401 - the type depends on the setting
    return getattr(settings.prices if control.name in _PRICES else settings, control.name)


def _text(control: Control, value: Any) -> Any:  # noqa: ANN401 - the type depends on the control's kind
    match control.kind:
        case ControlKind.LINES:
            return "\n".join(value)
        case ControlKind.AMOUNT:
            return kroner(value)
        case ControlKind.COUNT:
            return str(value)
        case ControlKind.CATALOGUE:
            return [*((right.id, right.name, right.service_provider) for right in value), ("", "", "")]
        case _:
            return value


def _read(reader: FieldReader, control: Control, entered: Any) -> Any:  # noqa: ANN401 - as above
    match control.kind:
        case ControlKind.LINES:
            return [line for _, line in _lines(entered)]
        case ControlKind.AMOUNT:
            return reader.read(control.name, entered, read_oere)
        case ControlKind.COUNT:
            return reader.read(control.name, entered, read_count)
        case ControlKind.DEVICES:
            return [device for device in DEVICES if device in entered]
        case ControlKind.CATALOGUE:
            return [dict(zip(_CELLS, cells, strict=True)) for _, cells in _rows(entered)]
        case _:
            return entered


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Return the non-blank lines with their numbers."""
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _rows(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Return the non-blank rows with their numbers."""
    return ((number, cells) for number, cells in enumerate(rows, 1) if any(cell.strip() for cell in cells))


def summary(section: Section, settings: Settings) -> list[str]:
    """Return a Danish text of a few words for each setting of a section."""
    return [_SUMMARIES[control.kind](control, _value(control, settings)) for control in section.controls]


def _first_of(texts: Sequence[str], singular: str, plural: str) -> str:
    """Return e.g. `2 numre: a og b`; of more than 5 texts the first 5 and the number of others."""
    if not texts:
        return f"Ingen {plural}"
    more = len(texts) - _MAX_IN_SUMMARY
    shown = [*texts[:_MAX_IN_SUMMARY], f"{thousands(more)} til"] if more > 0 else texts
    return f"{thousands(len(texts))} {singular if len(texts) == 1 else plural}: {listed(list(shown))}"


def _counted(control: Control, value: int) -> str:
    unit = control.unit and control.unit[value != 1]
    return f"{thousands(value)} {unit}" if unit else thousands(value)


_SUMMARIES: Final[dict[ControlKind, Callable[[Control, Any], str]]] = {
    ControlKind.SWITCH: lambda control, value: f"{control.label}: {'ja' if value else 'nej'}",
    ControlKind.LEVEL: lambda _, value: f"{capital(value.danish)} ({value.level})",
    ControlKind.DEVICES: lambda _, value: capital(listed([DANISH_MEANS[means] for means in value])),
    ControlKind.LINES: lambda control, value: _first_of(value, *_SINGULAR_AND_PLURAL[control.name]),
    ControlKind.CATALOGUE: lambda _, value: _first_of(
        [right.name for right in value], "rettighed", "rettigheder"
    ),
    ControlKind.COUNT: lambda control, value: f"{control.label}: {_counted(control, value)}",
    ControlKind.AMOUNT: lambda control, value: f"{control.label}: {kroner(value)} kr.",
}

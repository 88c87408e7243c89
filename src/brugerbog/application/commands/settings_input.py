"""Validation of an organisation's settings from a file, a form or a request; all errors are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from brugerbog.application.refusals.requests import SettingsInvalid
from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import DEDICATED, Ial, Means

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _parsed_by(parse: Callable[[str], str]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            return parse(text)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    return AfterValidator(check)


def _check_dedicated_means(means: list[Means]) -> list[Means]:
    if not means or not set(means) <= DEDICATED:
        raise ValueError("Vælg mindst ét af: app, code_display, audio_code_reader, chip.")
    return list(dict.fromkeys(means))


_UNIQUE: Final = AfterValidator(lambda values: list(dict.fromkeys(values)))
"""Keeps the first of equal values in a list."""

ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    _parsed_by(personal_data.reference_text),
]


class RightInput(BaseModel):
    """One right of the organisation's catalogue."""

    model_config = ConfigDict(extra="forbid")

    id: ShortText
    name: ShortText
    service_provider: ShortText


def _check_ids_differ(rights: list[RightInput]) -> list[RightInput]:
    if len({right.id for right in rights}) < len(rights):
        raise ValueError("To rettigheder har samme id. Hver rettighed skal have sit eget.")
    return rights


Oere = Annotated[int, Field(ge=0, le=100_000_000)]


class PricesInput(BaseModel):
    """Prices in øre (1/100 krone) without VAT; prices not given stay as they are: no default is used."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user: Oere = 0
    free_users: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    code_display: Oere = 0
    audio_code_reader: Oere = 0
    chip: Oere = 0


class SettingsInput(BaseModel):
    """All settings. Settings that are not given stay as they are: no default is used."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    allow_anonymous: bool = False
    allow_private_means: bool = False
    allow_shared_means: bool = False
    use_p_numbers: bool = False
    use_se_numbers: bool = False
    use_reference_text: bool = False
    allow_sealing: bool = False
    dedicated_means: Annotated[
        list[Annotated[Means, Field(strict=False)]], AfterValidator(_check_dedicated_means)
    ] = [Means.APP]
    p_numbers: Annotated[list[Annotated[str, _parsed_by(numbers.p_number)]], _UNIQUE] = []
    se_numbers: Annotated[list[Annotated[str, _parsed_by(numbers.se_number)]], _UNIQUE] = []
    eans: Annotated[list[Annotated[str, _parsed_by(numbers.ean)]], _UNIQUE] = []
    certificate_profiles: Annotated[list[ShortText], _UNIQUE] = []
    ial: Annotated[Ial, Field(strict=False)] = Ial.SUBSTANTIAL
    rights: Annotated[list[RightInput], AfterValidator(_check_ids_differ)] = []
    erasure_retention_days: Annotated[int, Field(ge=0, le=3650)] = 0
    activity_retention_months: Annotated[int, Field(ge=1, le=120)] = 13
    mail_retention_months: Annotated[int, Field(ge=2, le=120)] = 13
    prices: PricesInput = PricesInput()


_DANISH_MESSAGES: Final = {
    "bool_type": "Skriv true eller false.",
    "enum": "Værdien er ikke blandt de mulige.",
    "extra_forbidden": "Indstillingen findes ikke.",
    "string_type": "Skriv værdien som tekst i anførselstegn.",
    "list_type": "Skriv en liste i kantede parenteser.",
    "missing": "Værdien mangler.",
    "int_type": "Skriv et helt tal.",
    "greater_than_equal": "Tallet er for lille.",
    "less_than_equal": "Tallet er for stort.",
    "string_too_short": "Teksten er tom.",
    "string_too_long": "Teksten er for lang.",
}


def read_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are given, as plain JSON values for `Settings.with_changes`.

    Raises: SettingsInvalid, or several of them as `Refusals`.
    """
    try:
        read = SettingsInput.model_validate(dict(values))
    except ValidationError as error:
        objections = []
        for detail in error.errors(include_url=False, include_input=False):
            where = ".".join(str(part) for part in detail["loc"])
            own = detail["msg"].removeprefix("Value error, ") if detail["type"] == "value_error" else None
            what = own or _DANISH_MESSAGES.get(detail["type"], "Værdien kan ikke bruges.")
            objections.append(Objection(where, SettingsInvalid(where, what)))
        refuse_if(objections)
        raise  # not reached: a validation error has at least one detail
    return read.model_dump(mode="json", exclude_unset=True)

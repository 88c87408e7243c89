"""Reads an organisation's settings as they are written in a file, with every mistake named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from brugerbog.application.errors import SettingsInvalid
from brugerbog.domain import numbers
from brugerbog.domain.errors import Objection, Refusal, refuse_if
from brugerbog.domain.means import DEDICATED, Ial, Means

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _number(parse: Callable[[str], str]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            return parse(text)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    return AfterValidator(check)


def _dedicated(means: list[Means]) -> list[Means]:
    if not means or not set(means) <= DEDICATED:
        raise ValueError("Vælg mindst ét af: app, code_display, audio_code_reader, chip.")
    return list(dict.fromkeys(means))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RightInFile(BaseModel):
    """One right of the organisation's catalogue."""

    model_config = ConfigDict(extra="forbid")

    id: Text
    name: Text
    service_provider: Text


class SettingsFile(BaseModel):
    """The settings that a file may name; those it doesn't name stay as they are."""

    model_config = ConfigDict(extra="forbid", strict=False, hide_input_in_errors=True)

    allow_anonymous: bool = False
    allow_private_means: bool = False
    allow_shared_means: bool = False
    use_p_numbers: bool = False
    use_se_numbers: bool = False
    use_reference_text: bool = False
    allow_sealing: bool = False
    dedicated_means: Annotated[list[Means], AfterValidator(_dedicated)] = [Means.APP]
    p_numbers: list[Annotated[str, _number(numbers.p_number)]] = []
    se_numbers: list[Annotated[str, _number(numbers.se_number)]] = []
    eans: list[Annotated[str, _number(numbers.ean)]] = []
    certificate_profiles: list[Text] = []
    ial: Ial = Ial.SUBSTANTIAL
    rights: list[RightInFile] = []
    erasure_retention_days: Annotated[int, Field(ge=0, le=3650)] = 0


def read_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are named, as plain JSON values for `Settings.with_changes`.

    Raises: SettingsInvalid, or several of them as `Refusals`.
    """
    try:
        read = SettingsFile.model_validate(dict(values))
    except ValidationError as error:
        found = []
        for mistake in error.errors(include_url=False, include_input=False):
            where = ".".join(str(part) for part in mistake["loc"])
            found.append(
                Objection(where, SettingsInvalid(where, mistake["msg"].removeprefix("Value error, ")))
            )
        refuse_if(found)
        raise
    return read.model_dump(mode="json", exclude_unset=True)

"""Results of commands."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class Outcome(ResponseModel):
    """The result of a command: the position of its events in the log, and the subject."""

    position: int = Field(description="For `Brugerbog-Position`, and to follow changes after.")
    subject: UUID | None = Field(description="The user, client or organisation.")


class OutcomeWithCode(Outcome):
    """The result of a command that may issue a temporary activation code, which is shown only once."""

    code: str | None = Field(
        description="To be given to the user; null unless the user is known by date of birth only."
    )
    code_already_shown: bool = Field(description="This is a repeat; the code isn't shown again.")


class OutcomeWithCpr(Outcome):
    """The result of showing a CPR number, which is recorded."""

    cpr: str | None
    cpr_already_shown: bool


class OutcomeWithSecret(Outcome):
    """The result of creating a client, with its credentials; the secret is shown only once."""

    client_id: str = Field(description="For `/token`.")
    client_secret: str | None
    secret_already_shown: bool

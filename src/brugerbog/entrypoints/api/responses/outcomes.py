"""What a command came to."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class Outcome(ResponseModel):
    """What a command came to: the log's position from which on it shows, and whom it concerned."""

    position: int = Field(description="For `Brugerbog-Position`, and to follow changes from.")
    subject: UUID | None = Field(description="The user, client or organisation.")


class OutcomeWithCode(Outcome):
    """The same, perhaps with a temporary activation code, which is shown this once."""

    code: str | None = Field(
        description="To be handed to the user; given when only his date of birth is known."
    )
    code_already_shown: bool = Field(description="This is a repeat, and the code isn't shown again.")


class OutcomeWithCpr(Outcome):
    """The same, with a CPR number whose showing is recorded."""

    cpr: str | None
    cpr_already_shown: bool


class OutcomeWithSecret(Outcome):
    """The same, with a client's credentials; the secret is shown this once."""

    client_id: str = Field(description="For `/token`.")
    client_secret: str | None
    secret_already_shown: bool

"""Access tokens, the position of the log, and problem types."""

from __future__ import annotations

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class Token(ResponseModel):
    """An access token, to be sent with each request (RFC 6750)."""

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds.")


class Position(ResponseModel):
    """The last position of the log."""

    position: int


class ProblemKind(ResponseModel):
    """A type of problem, as the member `type` of a problem refers to it."""

    code: str
    status: int
    title: str
    about: str = Field(description="What the problem is, in English.")
    danish: str
    english: str

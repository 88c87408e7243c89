"""Credentials, and where the log stands."""

from __future__ import annotations

from pydantic import Field

from brugerbog.entrypoints.api.responses import ResponseModel


class Token(ResponseModel):
    """What to show with each request (RFC 6750)."""

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds.")


class Position(ResponseModel):
    """The last position of the log."""

    position: int


class ProblemKind(ResponseModel):
    """A kind of problem, as `type` names it."""

    code: str
    status: int
    title: str
    about: str = Field(description="What is so, in English.")
    danish: str
    english: str

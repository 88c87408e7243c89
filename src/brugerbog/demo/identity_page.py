"""The demo's substitute for MitID: a page, marked as such, to claim the identity of a made-up person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Form
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.identity_confirmation import PRETENDED
from brugerbog.domain.values import numbers
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.context import web_context_of
from brugerbog.entrypoints.web.danish_format import DayUnreadable, read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Text
from brugerbog.entrypoints.web.login.completion import BrokerProof, confirm_identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

IDENTITY: Final = "/demo/bekraeft-identitet"


@dataclass(frozen=True, slots=True, repr=False)
class DemoIdentityData:
    """The identity of a made-up person: a CPR number that belongs to nobody, or a birth date."""

    name: str
    written: str


class Claimed(BaseModel):
    """The form with the claimed identity."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    videre: Text
    cpr: Text = ""
    date_of_birth: Text = ""
    ial: Ial = Ial.SUBSTANTIAL


class DemoIdentity:
    """A page that accepts every claimed identity."""

    def __init__(self, papers: Sequence[DemoIdentityData]) -> None:
        self._papers = papers
        self.router = Router()
        self.router.add_api_route(IDENTITY, self._claim, methods=["POST"], response_model=None)

    def page(
        self, request: Request, next_path: str, filled: Claimed | None = None, errors: FormErrors = NO_ERRORS
    ) -> HTMLResponse:
        """Return the page. As on all pages, an unreadable CPR number isn't repeated."""
        facts = {
            "action": IDENTITY,
            "next_path": next_path,
            "papers": self._papers,
            "levels": [(level.value, level.danish.capitalize()) for level in Ial],
            "date_of_birth": filled.date_of_birth if filled else "",
            "ial": filled.ial if filled else Ial.SUBSTANTIAL,
            "errors": errors,
        }
        text = web_context_of(request).templates.render("demo_identity.html", facts)
        return HTMLResponse(text, 422 if errors.reasons else 200)

    def _claim(self, request: Request, claimed: Annotated[Claimed, Form()]) -> Response:
        today = danish_day(web_context_of(request).service.queries.now())
        try:
            proof = _read(claimed, today)
        except Refusal as refusal:
            field = "cpr" if claimed.cpr.strip() else "date_of_birth"
            return self.page(request, claimed.videre, claimed, FormErrors([(field, refusal.message)]))
        return confirm_identity(request, claimed.videre, proof)


def _read(claimed: Claimed, today: date) -> BrokerProof:
    """Return the proof of a claimed identity. Raises: as `cpr_loose`; DayUnreadable."""
    cpr = numbers.cpr_loose(claimed.cpr, today=today) if claimed.cpr.strip() else None
    born = numbers.birth_date_of(cpr) if cpr else read_day(claimed.date_of_birth)
    if born is None:
        raise DayUnreadable
    return BrokerProof(broker=PRETENDED, date_of_birth=born, cpr=cpr, ial=claimed.ial)

"""The page with the demo's mails, which a real installation sends to the users' mailboxes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.context import web_context_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

POST: Final = "/demo/post"
NEWEST: Final = 50
_ADDRESS: Final = re.compile(r"(https?://\S+)")


@dataclass(frozen=True, slots=True, repr=False)
class ShownLetter:
    """A mail as paragraphs of pieces, each with a path if the piece is a link."""

    to: str
    subject: str
    sent_at: datetime
    paragraphs: list[list[tuple[str, str | None]]]


class DemoPost:
    """The page of the mails in the demo's outbox."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self.router = Router()
        self.router.add_api_route(POST, self._page, methods=["GET"])

    def _page(self, request: Request) -> HTMLResponse:
        web_context = web_context_of(request)
        files = sorted(self._outbox.glob("*.eml"), reverse=True)
        letters = [_read(file.read_bytes(), web_context.settings.base_url) for file in files[:NEWEST]]
        facts = {"letters": letters, "more": max(0, len(files) - NEWEST)}
        return HTMLResponse(web_context.templates.render("demo_post.html", facts))


def _read(written: bytes, base_url: str) -> ShownLetter:
    message = message_from_bytes(written, policy=policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()).replace("\r\n", "\n") if body else ""
    return ShownLetter(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        paragraphs=[list(_pieces(part, base_url)) for part in text.strip().split("\n\n")],
    )


def _pieces(text: str, base_url: str) -> Iterator[tuple[str, str | None]]:
    for piece in _ADDRESS.split(text):
        if piece:
            is_ours = piece.startswith(f"{base_url}/")
            yield piece, piece.removeprefix(base_url) if is_ours else None

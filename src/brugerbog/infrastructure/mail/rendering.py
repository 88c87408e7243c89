"""Renders Danish mails from templates: one plain-text and one HTML template for each kind."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.mail.rendering import RenderedMail
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.danish.dates import day_and_time
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.infrastructure.mail.message import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from brugerbog.application.mail.rendering import MailFacts
    from brugerbog.application.ports.outbox_message import OutboxMessage
    from brugerbog.domain.kernel.privacy import Secret

SUBJECTS: Final = {
    MailKind.ACTIVATION: "Aktivér dig som bruger i MitID Erhverv",
    MailKind.ACTIVATION_RESENT: "Nyt link: Aktivér dig som bruger i MitID Erhverv",
    MailKind.MEANS_ASSIGNED: "Nyt identifikationsmiddel i MitID Erhverv",
    MailKind.ROLE_GIVEN: "Du har fået en rolle i MitID Erhverv",
    MailKind.ROLE_TAKEN: "Du har ikke længere en rolle i MitID Erhverv",
    MailKind.ANONYMITY_REQUESTED: "En bruger ønsker at være anonym i MitID Erhverv",
    MailKind.ANONYMITY_DECLINED: "Svar på din anmodning om at være anonym i MitID Erhverv",
    MailKind.CODE_VOIDED: "En midlertidig aktiveringskode til MitID Erhverv virker ikke længere",
    MailKind.CPR_LIMIT_MET: "Der er set usædvanligt mange CPR-numre i MitID Erhverv",
}
"""Subjects contain no names, as mail programs show them on locked screens."""

PATHS: Final = {LinkPurpose.ACTIVATION: "aktivering", LinkPurpose.MEANS: "identifikationsmidler"}
"""The first segment of a link's path; the second is its token."""

_EMPTY_LINES: Final = re.compile(r"\n{3,}")


class DanishMailRenderer:
    """Renders mails in Danish (port: `MailRenderer`)."""

    def __init__(self, base_url: str, domain: str) -> None:
        """Take the base URL of the web pages that links lead to, and the sender's domain for message ids."""
        import jinja2  # noqa: PLC0415 - slow to load, and few calls render mails

        self._base_url = base_url.rstrip("/")
        self._domain = domain
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("brugerbog.infrastructure.mail"),
            autoescape=jinja2.select_autoescape(["html"], default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["listed"] = danish_list
        self._templates.filters["moment"] = day_and_time

    def render(
        self, message: OutboxMessage, facts: MailFacts, token: Secret[str] | None, at: datetime
    ) -> RenderedMail:
        subject = SUBJECTS[message.kind]
        context = _template_context(facts) | {"subject": subject, "url": self._url(facts, token)}
        text = self._templates.get_template(f"{message.kind}.txt").render(context)
        return RenderedMail(
            mail_id=message.id,
            kind=message.kind,
            to_name=facts.to_name,
            to_address=facts.to_address,
            subject=subject,
            text=_EMPTY_LINES.sub("\n\n", text).strip() + "\n",
            html=self._templates.get_template(f"{message.kind}.html").render(context),
            message_id=f"{message.id}@{self._domain}",
            sent_at=at,
        )

    def _url(self, facts: MailFacts, token: Secret[str] | None) -> str | None:
        if facts.link is None or token is None:
            return None
        return f"{self._base_url}/{PATHS[facts.link.purpose]}/{token.reveal()}"


def danish_list(names: Sequence[str]) -> str:
    """Join names: `a`, `a og b`, `a, b og c`."""
    *most, last = names
    return f"{', '.join(most)} og {last}" if most else last


def _template_context(facts: MailFacts) -> dict[str, Any]:
    """Return the facts by name, each text on one line, so that no user's name can add lines to a mail."""
    return {field.name: _on_one_line(getattr(facts, field.name)) for field in fields(facts)}


def _on_one_line(fact: object) -> object:
    if isinstance(fact, str):
        return one_line(fact)
    if isinstance(fact, tuple | list):
        return [_on_one_line(item) for item in fact]
    return fact

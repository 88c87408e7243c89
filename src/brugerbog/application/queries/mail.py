"""Queries about an organisation's mails, and the retry of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from brugerbog.application.actors import Actor
    from brugerbog.application.mail.outbox import MailStatus


class MailQueries(QueryExecution):
    """Queries about the state of mails; a mail is rendered when it is sent, and its text is not stored.

    All raise NotInTransaction inside a transaction, because its mails aren't in the outbox before the commit.
    """

    @question("see_mails")
    def mails(self, actor: Actor, state: MailState, *, limit: int = 100) -> Sequence[MailStatus]:
        """Return the organisation's mails in a state, the oldest first."""
        return self._outbox.mails(self._organisation_id("see_mails", actor), state, limit=limit)

    @question("see_mails")
    def mail_counts(self, actor: Actor) -> Mapping[MailState, int]:
        """Return the number of the organisation's mails in each state."""
        return self._outbox.counts(self._organisation_id("see_mails", actor))

    @question("retry_mail")
    def retry_mail(self, actor: Actor, mail_id: UUID) -> None:
        """Make a waiting or dead mail due now, with no attempts counted. Raises: MailNotWaiting."""
        if not self._outbox.retry(self._organisation_id("retry_mail", actor), mail_id, self._clock.now()):
            raise MailNotWaiting(mail_id)

    def _organisation_id(self, query: str, actor: Actor) -> UUID:
        refuse_in_transaction(self._log)
        return self._authorized_organisation(query, actor).id


@dataclass(eq=False)
class MailNotWaiting(Refusal):
    """Only a waiting or dead mail can be retried."""

    code = "mail_not_waiting"
    danish = "Der er ingen ventende eller opgivet e-mail med det id. Se listen over e-mails."
    english = "There is no waiting or dead mail with that id."
    mail_id: UUID

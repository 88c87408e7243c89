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
    """Mails that wait, were sent, or were given up; a mail's content doesn't exist before it is sent.

    All raise NotInTransaction inside a transaction, whose mails aren't in the outbox yet.
    """

    @question("see_mails")
    def mails(self, actor: Actor, state: MailState, *, limit: int = 100) -> Sequence[MailStatus]:
        """Return the organisation's mails in a state, the oldest first."""
        return self._outbox.mails(self._scope("see_mails", actor), state, limit=limit)

    @question("see_mails")
    def mail_counts(self, actor: Actor) -> Mapping[MailState, int]:
        """Return the number of the organisation's mails in each state."""
        return self._outbox.counts(self._scope("see_mails", actor))

    @question("retry_mail")
    def retry_mail(self, actor: Actor, mail_id: UUID) -> None:
        """Make a mail that waits or was given up due now, as if never tried. Raises: MailNotWaiting."""
        if not self._outbox.retry(self._scope("retry_mail", actor), mail_id, self._clock.now()):
            raise MailNotWaiting(mail_id)

    def _scope(self, question: str, actor: Actor) -> UUID:
        refuse_in_transaction(self._log)
        return self._authorized_organisation(question, actor).id


@dataclass(eq=False)
class MailNotWaiting(Refusal):
    """Only a mail that waits or was given up can be retried."""

    code = "mail_not_waiting"
    danish = "Der er ingen ventende eller opgivet e-mail med det id. Se listen over e-mails."
    english = "No mail of that id waits or came to nothing."
    mail_id: UUID

"""The commands on activation and means that need no link: send, resend, issue codes, assign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from brugerbog.application.commands.execution import CommandExecution
from brugerbog.application.commands.user_input import read_shared_means
from brugerbog.application.rate_limits import CHANGES_MAILED_TO_USER, MAILS_OF_ACTOR, MAILS_TO_USER
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.commands.user_input import NamedShared
    from brugerbog.domain.settings import Settings

BATCH: Final = 200
"""The number of users sent to activation in one transaction."""


@dataclass(frozen=True, slots=True)
class SendingResult:
    """The outcome of sending many users to activation.

    `without_cpr` are users known by birth date only, who must be sent one by one, each with a temporary code;
    `not_waiting` are users whose status isn't imported, or no longer is.
    """

    sent: tuple[UUID, ...]
    without_cpr: tuple[UUID, ...]
    not_waiting: tuple[UUID, ...]


class ActivationCommands(CommandExecution):
    """The commands on activation and means."""

    def send_to_activation(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        means: Sequence[Means] = (),
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Send one imported user to activation, with further means (guide, Send brugere enkeltvis).

        `means` are assigned as by `assign_means`. The result has a temporary `code` if only the user's birth
        date is known. Raises: NotImported, MeansNotOffered, SharedMeansNotNamed.
        """

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            user.send_to_activation(uow.context, uow.organisation.settings, means)
            if user.needs_code:
                uow.create_code(user)
            return user_id

        return self._execute("send_to_activation", actor, decide, command_id, user_id, *means)

    def send_many_to_activation(
        self,
        actor: Actor,
        user_ids: Sequence[UUID],
        *,
        means: Sequence[Means] = (),
        progress: Callable[[int, int], None] | None = None,
        command_id: UUID | None = None,
    ) -> SendingResult:
        """Send many imported users to activation, 200 in a transaction (guide, Send flere brugere).

        Users without a CPR number and users in another status are left out, and the result lists them.
        `progress` is called after each transaction with the number of users done and of all users.
        `Queries.sending` previews exactly this result. After an interruption, a repeat sends the remaining
        users.
        Raises: UserUnknown, MeansNotOffered, SharedMeansNotNamed.
        """
        wanted = list(dict.fromkeys(user_ids))
        base = command_id or self._ids.random_id()
        outcomes: dict[UUID, str] = {}
        with self._observe("send_many_to_activation", actor, base):
            self._check_users(actor, wanted, means, base)
            for start in range(0, max(len(wanted), 1), BATCH):
                batch = wanted[start : start + BATCH]
                # The first transaction has the command's own id and the fingerprint of all its users: a
                # repeat of the id with other users is refused.
                step_id, arguments = (uuid5(base, str(start)), batch) if start else (base, wanted)
                outcomes |= self._send(actor, batch, means, step_id, arguments)
                if progress is not None and wanted:
                    progress(start + len(batch), len(wanted))
        return sending_result(outcomes)

    def _check_users(self, actor: Actor, wanted: Sequence[UUID], means: Sequence[Means], base: UUID) -> None:
        """Check all users before the first transaction. Raises: UserUnknown, and as `_check_shared_means`."""
        uow = self._begin_unit_of_work("send_many_to_activation", actor, base)
        known = self._log.user_versions(uow.context.organisation_id, wanted)
        for user_id in wanted:
            if user_id not in known:
                raise UserUnknown(user_id)
        if Means.SHARED in means:
            self._check_shared_means(uow.organisation.settings, wanted, means)

    def _check_shared_means(
        self, settings: Settings, user_ids: Sequence[UUID], means: Sequence[Means]
    ) -> None:
        """Check before the first transaction that each user to be sent has a shared means already.

        No shared means can be named for many users at once. Raises: MeansNotOffered, SharedMeansNotNamed.
        """
        for user in self._log.users(user_ids).values():
            is_sent = sending_outcome(user.phase, has_cpr=bool(user.cpr)) == "sent"
            if is_sent and user.shared_means is None:
                settings.check_means(means)
                raise SharedMeansNotNamed

    def _send(
        self,
        actor: Actor,
        user_ids: Sequence[UUID],
        means: Sequence[Means],
        step_id: UUID,
        arguments: Sequence[UUID],
    ) -> dict[UUID, str]:
        """Send some users in one transaction; return the outcome of each. Raises: CommandIdReused."""
        outcomes: dict[UUID, str] = {}

        def decide(uow: UnitOfWork) -> None:
            settings = uow.organisation.settings
            settings.check_means(means)
            for user in uow.load_many_for_update(user_ids):
                outcomes[user.id] = sending_outcome(user.phase, has_cpr=bool(user.cpr))
                if outcomes[user.id] == "sent":
                    user.send_to_activation(uow.context, settings, means)

        self._execute_step("send_many_to_activation", actor, decide, step_id, *arguments, *means)
        # A repeated transaction isn't decided again, so it has no outcomes.
        return outcomes or self._outcomes_of_repeat(user_ids, step_id)

    def _outcomes_of_repeat(self, user_ids: Sequence[UUID], step_id: UUID) -> dict[UUID, str]:
        """Return the outcomes that a transaction had when it was executed first.

        A user whose status is still imported had no CPR number then, even if it has been added since.
        """
        users = self._log.users(user_ids)
        outcomes = {}
        for user_id in user_ids:
            if user := users.get(user_id):
                was_sent = user.sent_to_activation_by == step_id
                outcomes[user_id] = "sent" if was_sent else sending_outcome(user.phase, has_cpr=False)
        return outcomes

    def resend_activation_mail(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Send the activation mail again, with a link for 30 more days (guide, Gensend aktiveringsmail).

        The earlier link is void. Raises: NotPending, TooManyTries.
        """
        count = self._count_mail_once(actor, user_id)

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).resend_activation_mail(uow.context)
            count()
            return user_id

        return self._execute("resend_activation_mail", actor, decide, command_id, user_id)

    def issue_code(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Make a new temporary code, in the result, and send a new link (guide, Ny midlertidig kode).

        The earlier code and link are void. Raises: NotPending, NoCodeNeeded, TooManyTries.
        """
        count = self._count_mail_once(actor, user_id)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            user.issue_code(uow.context)
            count()
            uow.create_code(user)
            return user_id

        return self._execute("issue_code", actor, decide, command_id, user_id)

    def activate_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Activate as the operator, without identity proof. Raises: NotPending, OperatorsDoorOnly."""

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            user.activate(uow.context)
            uow.delete_code(user)
            return user_id

        return self._execute("activate_user", actor, decide, command_id, user_id)

    def assign_means(
        self,
        actor: Actor,
        user_id: UUID,
        means: Sequence[Means],
        *,
        shared: NamedShared | None = None,
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Assign more means to a user, who gets a mail (guide, Tildel identifikationsmidler).

        Means that are assigned already and not yet in use record nothing; a kind listed twice assigns two.
        Raises: MeansNotOffered, SharedMeansNotNamed, TooManyTries, and as `read_shared_means`.
        """
        count = self._count_once((CHANGES_MAILED_TO_USER, user_id))

        def decide(uow: UnitOfWork) -> UUID:
            fictitious = self._dependencies.allow_fictitious_cvr
            named = None if shared is None else read_shared_means(shared, allow_fictitious=fictitious)
            user = uow.load_for_update(user_id)
            user.assign_means(uow.context, means, uow.organisation.settings, named)
            if user.pending_events:
                count()
            return user_id

        return self._execute("assign_means", actor, decide, command_id, user_id, shared, *means)

    def resend_means_mail(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Send the mail about assigned means again; the earlier link is void.

        Raises: NotActive, NoMeansToActivate, TooManyTries.
        """
        count = self._count_mail_once(actor, user_id)

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).resend_means_mail(uow.context)
            count()
            return user_id

        return self._execute("resend_means_mail", actor, decide, command_id, user_id)

    def _count_mail_once(self, actor: Actor, user_id: UUID) -> Callable[[], None]:
        """Return a function that counts a mail sent again, on its first call only; it raises TooManyTries.

        The limit per acting user does not apply to the operator; the limit per receiving user does.
        """
        of_actor = ((MAILS_OF_ACTOR, actor.id),) if actor.is_user_or_client else ()
        return self._count_once((MAILS_TO_USER, user_id), *of_actor)

    def withdraw_consent(self, actor: Actor, *, command_id: UUID | None = None) -> CommandResult:
        """Withdraw the acting user's consent to use their private MitID for the organisation.

        Raises: NoConsentGiven.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(actor.id).withdraw_consent(uow.context)
            return actor.id

        return self._execute("withdraw_consent", actor, decide, command_id)


def sending_outcome(phase: Status, *, has_cpr: bool) -> str:
    """Return a user's outcome of `send_many_to_activation`: the name of a field of `SendingResult`."""
    if phase is not Status.IMPORTED:
        return "not_waiting"
    return "sent" if has_cpr else "without_cpr"


def sending_result(outcomes: dict[UUID, str]) -> SendingResult:
    """Return the users by outcome, each in the order of `outcomes`."""
    return SendingResult(
        *(
            tuple(user_id for user_id, outcome in outcomes.items() if outcome == kind)
            for kind in ("sent", "without_cpr", "not_waiting")
        )
    )

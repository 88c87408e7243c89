"""The administrators' commands on activation and means: sending, resending, codes, assigning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from brugerbog.application.commands.execution import CommandExecution
from brugerbog.application.commands.user_input import read_shared
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

AT_ONCE: Final = 200
"""So many users are sent to activation in one transaction."""


@dataclass(frozen=True, slots=True)
class SendingResult:
    """What became of many users who were to be sent to activation.

    `without_cpr` are those known by birth date only, who are sent one by one, each with a temporary code;
    `not_waiting` those who aren't, or no longer, among the imported.
    """

    sent: tuple[UUID, ...]
    without_cpr: tuple[UUID, ...]
    not_waiting: tuple[UUID, ...]


class ActivationCommands(CommandExecution):
    """From waiting to being asked, and the means that go with it."""

    def send_to_activation(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        means: Sequence[Means] = (),
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Send one imported user to activation, with further means (guide, Send brugere enkeltvis).

        A kind of means is named as often as he may have new ones of it. The answer has a temporary `code`
        when only his birth date is known. Raises: NotImported, MeansNotOffered, SharedMeansNotNamed.
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
        """Send many imported users to activation, some hundreds in a transaction (guide, Send flere brugere).

        Those without a CPR number are left out and named, and so is who isn't waiting; `progress` hears how
        many are done, of how many. `Queries.sending` tells beforehand exactly what comes of it. Cut off, it
        has sent some; a repeat finds the others. Raises: UserUnknown, MeansNotOffered, SharedMeansNotNamed.
        """
        wanted = list(dict.fromkeys(user_ids))
        base = command_id or self._ids.random_id()
        fates: dict[UUID, str] = {}
        with self._observe("send_many_to_activation", actor, base):
            self._must_know(actor, wanted, means, base)
            for start in range(0, max(len(wanted), 1), AT_ONCE):
                some = wanted[start : start + AT_ONCE]
                # The first step goes by the command's own id, with all that was said: it is for nothing else.
                step_id, said = (uuid5(base, str(start)), some) if start else (base, wanted)
                fates |= self._send(actor, some, means, step_id, said)
                if progress is not None and wanted:
                    progress(start + len(some), len(wanted))
        return sending_of(fates)

    def _must_know(self, actor: Actor, wanted: Sequence[UUID], means: Sequence[Means], base: UUID) -> None:
        """Raises: UserUnknown, and as `_must_share`."""
        uow = self._begin_unit_of_work("send_many_to_activation", actor, base)
        known = self._log.user_versions(uow.context.organisation_id, wanted)
        for one in wanted:
            if one not in known:
                raise UserUnknown(one)
        if Means.SHARED in means:
            self._must_share(uow.organisation.settings, wanted, means)

    def _must_share(self, settings: Settings, user_ids: Sequence[UUID], means: Sequence[Means]) -> None:
        """Refuse before the first step what would be refused in a later one.

        Raises: MeansNotOffered, SharedMeansNotNamed.
        """
        for user in self._log.users(user_ids).values():
            sent = sending_outcome(user.phase, has_cpr=bool(user.cpr)) == "sent"
            if sent and user.shared_means is None:
                settings.check_means(means)
                raise SharedMeansNotNamed

    def _send(
        self,
        actor: Actor,
        user_ids: Sequence[UUID],
        means: Sequence[Means],
        step_id: UUID,
        said: Sequence[UUID],
    ) -> dict[UUID, str]:
        """Send some users in one transaction; what becomes of each. Raises: CommandIdReused."""
        fates: dict[UUID, str] = {}

        def decide(uow: UnitOfWork) -> None:
            settings = uow.organisation.settings
            settings.check_means(means)
            for user in uow.load_many_for_update(user_ids):
                fates[user.id] = sending_outcome(user.phase, has_cpr=bool(user.cpr))
                if fates[user.id] == "sent":
                    user.send_to_activation(uow.context, settings, means)

        self._execute_step("send_many_to_activation", actor, decide, step_id, *said, *means)
        return fates or self._recalled(user_ids, step_id)

    def _recalled(self, user_ids: Sequence[UUID], step_id: UUID) -> dict[UUID, str]:
        """What became of users when a step was done that is now repeated.

        Who waits still was left out then, even if his CPR number is known by now.
        """
        users = self._log.users(user_ids)
        return {
            one: "sent"
            if user.sent_to_activation_by == step_id
            else sending_outcome(user.phase, has_cpr=False)
            for one, user in ((one, users[one]) for one in user_ids if one in users)
        }

    def resend_activation_mail(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Send the activation mail again, with a link for new 30 days (guide, Gensend aktiveringsmail).

        The earlier link is void. Raises: NotPending, TooManyTries.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).resend_activation_mail(uow.context)
            once()
            return user_id

        once = self._counting_mails(actor, user_id)

        return self._execute("resend_activation_mail", actor, decide, command_id, user_id)

    def issue_code(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Make a new temporary code, in the answer, and send a new link (guide, Ny midlertidig kode).

        The earlier code and link are void. Raises: NotPending, NoCodeNeeded, TooManyTries.
        """

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            user.issue_code(uow.context)
            once()
            uow.create_code(user)
            return user_id

        once = self._counting_mails(actor, user_id)

        return self._execute("issue_code", actor, decide, command_id, user_id)

    def activate_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Activate without identity proof, on the operator's word. Raises: NotPending, OperatorsDoorOnly."""

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
        """Give a user more means, of which he gets a mail (guide, Tildel identifikationsmidler).

        Those he has and hasn't taken into use record nothing; a kind named twice means two of it.
        Raises: MeansNotOffered, SharedMeansNotNamed, TooManyTries, and as `read_shared`.
        """

        def decide(uow: UnitOfWork) -> UUID:
            fictitious = self._dependencies.allow_fictitious_cvr
            named = None if shared is None else read_shared(shared, allow_fictitious=fictitious)
            user = uow.load_for_update(user_id)
            user.assign_means(uow.context, means, uow.organisation.settings, named)
            if user.pending_events:
                count()
            return user_id

        count = self._count_once((CHANGES_MAILED_TO_USER, user_id))

        return self._execute("assign_means", actor, decide, command_id, user_id, shared, *means)

    def resend_means_mail(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Send the mail about assigned means again; the earlier link is void.

        Raises: NotActive, NoMeansToActivate, TooManyTries.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).resend_means_mail(uow.context)
            once()
            return user_id

        once = self._counting_mails(actor, user_id)

        return self._execute("resend_means_mail", actor, decide, command_id, user_id)

    def _counting_mails(self, actor: Actor, user_id: UUID) -> Callable[[], None]:
        """Count a mail that is sent again, once however often the command is decided anew.

        The operator's own number of mails is without limit; each user's isn't. Raises: TooManyTries.
        """
        theirs = ((MAILS_OF_ACTOR, actor.id),) if actor.is_user_or_client else ()
        return self._count_once((MAILS_TO_USER, user_id), *theirs)

    def withdraw_consent(self, actor: Actor, *, command_id: UUID | None = None) -> CommandResult:
        """Stop using one's own private MitID for the organisation. Raises: NoConsentGiven."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(actor.id).withdraw_consent(uow.context)
            return actor.id

        return self._execute("withdraw_consent", actor, decide, command_id)


def sending_outcome(phase: Status, *, has_cpr: bool) -> str:
    """What becomes of a user who is sent to activation among many."""
    if phase is not Status.IMPORTED:
        return "not_waiting"
    return "sent" if has_cpr else "without_cpr"


def sending_of(fates: dict[UUID, str]) -> SendingResult:
    """The users by what becomes of them, in the order they were named."""
    return SendingResult(
        *(
            tuple(user_id for user_id, fate in fates.items() if fate == one)
            for one in ("sent", "without_cpr", "not_waiting")
        )
    )

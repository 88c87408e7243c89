"""Every command, on one page: who acts, on what, and which decision of the domain it comes to."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application import errors
from brugerbog.application.activities import Activities
from brugerbog.application.actors import role_for
from brugerbog.application.deed import Deed
from brugerbog.application.erasure import finish_erasures
from brugerbog.application.imports.importer import Importer
from brugerbog.application.new_user import UserEdits, read_edits, read_new_user
from brugerbog.application.ports import NOWHERE, Alongside, ClaimTaken, CommandSeen, Conflict, Remembered
from brugerbog.domain import numbers, personal
from brugerbog.domain.act import Act
from brugerbog.domain.details import KEEP, Keep
from brugerbog.domain.errors import Refusal
from brugerbog.domain.identity import Identity
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.settings import Settings
from brugerbog.domain.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from uuid import UUID

    from brugerbog.application.activities import ActivitiesReceipt
    from brugerbog.application.activity_report import ActivityReport
    from brugerbog.application.actors import Actor
    from brugerbog.application.imports.importer import Progress
    from brugerbog.application.imports.receipt import Receipt
    from brugerbog.application.new_user import NewUser
    from brugerbog.application.ports import Clock, EventLog, Ids, Projector
    from brugerbog.domain.details import Details
    from brugerbog.domain.means import Means

_TRIES: Final = 20
"""So often a command is decided anew when others wrote first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: the log's position from which on it shows, and whom it concerned."""

    position: int
    subject: UUID | None


class Administration:
    """The commands. Each returns when it is on disk and, embedded, shown by every question.

    `command_id` makes a repeat safe: the same id with the same command gives the first answer again.
    Besides what they name, all commands raise `NotAllowed`, `OrganisationUnknown`, `CommandIdReused` and
    `TooBusy`, and all those on a user `UserUnknown` and `AlreadyDeleted`.
    """

    def __init__(
        self, log: EventLog, projector: Projector, clock: Clock, ids: Ids, *, allow_fictitious_cvr: bool
    ) -> None:
        self._log = log
        self._projector = projector
        self._clock = clock
        self._ids = ids
        self._allow_fictitious_cvr = allow_fictitious_cvr
        self._importer = Importer(log, projector, clock, ids)
        self._activities = Activities(log, projector, clock, ids)

    def register_organisation(
        self,
        actor: Actor,
        *,
        cvr: str,
        name: str,
        settings: Mapping[str, Any] | None = None,
        command_id: UUID | None = None,
    ) -> Answer:
        """Take in an organisation; the answer's subject is its id.

        Raises: CvrInvalid, CvrCheckDigitWrong, NameMissing, SettingsInvalid, OrganisationAlreadyRegistered.
        """
        cvr, name, chosen = read_registration(
            cvr, name, settings or {}, allow_fictitious_cvr=self._allow_fictitious_cvr
        )

        def decide(deed: Deed) -> UUID:
            made = Organisation.register(
                deed.act, cvr=cvr, name=name, settings=Settings().with_changes(chosen)
            )
            deed.has(made)
            return made.id

        return self._do("register_organisation", actor, decide, command_id, cvr, name, chosen)

    def change_settings(
        self, actor: Actor, settings: Mapping[str, Any], *, command_id: UUID | None = None
    ) -> Answer:
        """Give the settings that are named new values; the others stay. Raises: SettingsInvalid."""
        chosen = _read_settings(settings)

        def decide(deed: Deed) -> UUID:
            organisation = deed.organisation
            organisation.change_settings(deed.act, organisation.settings.with_changes(chosen))
            deed.has(organisation)
            return organisation.id

        return self._do("change_settings", actor, decide, command_id, chosen)

    def create_user(self, actor: Actor, new: NewUser, *, command_id: UUID | None = None) -> Answer:
        """Create one user, who awaits activation; the answer's subject is his id (guide, Opret bruger).

        Raises: whatever is wrong with what was said, all at once as `Refusals`; CprInUse, PersonInUse.
        """
        user_id = self._ids.new_id()

        def decide(deed: Deed) -> UUID:
            settings = deed.organisation.settings
            details = read_new_user(new, settings, deed.act.today)
            self._must_be_new(deed, details)
            deed.has(User.create(deed.act, user_id, details, settings))
            return user_id

        return self._do("create_user", actor, decide, command_id, new)

    def edit_user(
        self, actor: Actor, user_id: UUID, edits: UserEdits, *, command_id: UUID | None = None
    ) -> Answer:
        """Change what is said about a user; what is so already records nothing (guide, Redigér).

        Raises: whatever is wrong with the edits, all at once as `Refusals`; CprInUse, PersonInUse.
        """

        def decide(deed: Deed) -> UUID:
            read, misread = read_edits(edits, deed.act.today)
            deed.user(user_id).edit(deed.act, read, deed.organisation.settings, misread=misread)
            return user_id

        return self._do("edit_user", actor, decide, command_id, user_id, edits)

    def place_user(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        p_number: str | Keep | None = KEEP,
        se_number: str | Keep | None = KEEP,
        command_id: UUID | None = None,
    ) -> Answer:
        """Tie a user to a P-number, an SE-number or both (guide, Tilknyt et P- eller SE-nummer).

        Raises: PNumbersNotInUse, PNumberUnknown, SeNumbersNotInUse, SeNumberUnknown, or several.
        """

        def decide(deed: Deed) -> UUID:
            read, misread = read_edits(UserEdits(p_number=p_number, se_number=se_number), deed.act.today)
            deed.user(user_id).edit(deed.act, read, deed.organisation.settings, misread=misread)
            return user_id

        return self._do("place_user", actor, decide, command_id, user_id, p_number, se_number)

    def assign_means(
        self, actor: Actor, user_id: UUID, means: Sequence[Means], *, command_id: UUID | None = None
    ) -> Answer:
        """Give a user more means; those he has record nothing (guide, Tildel identifikationsmidler).

        Raises: MeansNotOffered.
        """

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).assign_means(deed.act, tuple(means), deed.organisation.settings)
            return user_id

        return self._do("assign_means", actor, decide, command_id, user_id, *means)

    def send_to_activation(
        self, actor: Actor, user_ids: Sequence[UUID], *, command_id: UUID | None = None
    ) -> Answer:
        """Send imported users to activation, all of them or none. Raises: NotImported."""

        def decide(deed: Deed) -> UUID | None:
            for user_id in dict.fromkeys(user_ids):
                deed.user(user_id).send_to_activation(deed.act)
            return user_ids[0] if len(user_ids) == 1 else None

        return self._do("send_to_activation", actor, decide, command_id, *user_ids)

    def activate_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> Answer:
        """Activate without identity proof, on the operator's word. Raises: NotPending."""

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).activate(deed.act)
            return user_id

        return self._do("activate_user", actor, decide, command_id, user_id)

    def deactivate_user(
        self,
        actor: Actor,
        user_id: UUID,
        *,
        from_date: date | None = None,
        to_date: date | None = None,
        command_id: UUID | None = None,
    ) -> Answer:
        """Make a user inactive from a day (today unless given) to a day, both included (guide, Deaktivér).

        Replaces a period that runs or lies ahead; the same period again records nothing.
        Raises: NeverActivated, FromDateInThePast, ToDateBeforeFromDate.
        """

        def decide(deed: Deed) -> UUID:
            user = deed.user(user_id)
            user.deactivate(deed.act, from_date=from_date or deed.act.today, to_date=to_date)
            return user_id

        return self._do("deactivate_user", actor, decide, command_id, user_id, from_date, to_date)

    def reactivate_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> Answer:
        """End a deactivation early, or cancel one to come (guide, Genaktivér). Raises: NotDeactivated."""

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).reactivate(deed.act)
            return user_id

        return self._do("reactivate_user", actor, decide, command_id, user_id)

    def delete_user(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> Answer:
        """Delete for good; the CPR number is free again (guide, Slet bruger). Raises: CannotDeleteOneself."""

        def decide(deed: Deed) -> UUID:
            retention = deed.organisation.settings.erasure_retention_days
            deed.user(user_id).delete(deed.act, retention_days=retention)
            return user_id

        return self._do("delete_user", actor, decide, command_id, user_id)

    def import_users(
        self,
        actor: Actor,
        path: Path,
        *,
        dry_run: bool = False,
        all_or_nothing: bool = False,
        progress: Progress | None = None,
        command_id: UUID | None = None,
    ) -> Receipt:
        """Create, edit and delete users by a CSV file of 15 columns (guide, brugerimport).

        Each row stands alone: it is done whole or refused whole, and the receipt says which, for every row.
        A dry run gives the same receipt and changes nothing. With all or nothing, one refused row holds back
        the rest, and nobody else can write while the file is gone through. An import that was cut off goes on
        where it stopped when the same bytes come again. Raises: FileRefused.
        """
        return self._importer.run(
            actor,
            path,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            progress=progress,
            import_id=command_id,
        )

    def record_activities(
        self,
        actor: Actor,
        reporter: str,
        reports: Sequence[ActivityReport],
        *,
        command_id: UUID | None = None,
    ) -> ActivitiesReceipt:
        """Take in what users have done at services, each report once (guide, aktivitetshistorik).

        `reporter` is a short name that stays the same: each of its reports is known by its own reference, so
        sending it again, in any company and order, is safe, also with another command id. Each report stands
        alone; a thousand at a time are one transaction. Raises: ReporterInvalid.
        """
        return self._activities.record(actor, reporter, reports, command_id=command_id)

    def _must_be_new(self, deed: Deed, details: Details) -> None:
        """Somebody known by CPR number is met under his name too; the CPR number itself is a claim."""
        if details.cpr is not None:
            return
        person = Identity.by_name(details.first_name, details.surname, details.date_of_birth, details.email)
        for holders in self._log.persons(deed.act.organisation_id, [person]).values():
            raise errors.PersonInUse(min(holders))

    # How every command is done

    def _do(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[Deed], UUID | None],
        command_id: UUID | None,
        *said: object,
    ) -> Answer:
        scope = NOWHERE if command == "register_organisation" else actor.organisation_id or NOWHERE
        fingerprint = self._log.fingerprint(scope, command, *(spelled_out(one) for one in said))
        if command_id is None:
            command_id = self._ids.random_id()
        else:
            self._begin(command, actor, command_id)
            if seen := self._log.remembered(scope, command_id):
                return self._settled(first_answer(seen, fingerprint))
            if self._log.import_by_id(command_id):
                raise errors.CommandIdReused(command_id)
        for _ in range(_TRIES):
            deed = self._begin(command, actor, command_id)
            subject = decide(deed)
            remembered = Remembered(scope, command_id, fingerprint, command, subject)
            try:
                position = self._log.record(deed.changed, Alongside(deed.claims(), remembered))
            except CommandSeen as seen:
                return self._settled(first_answer(seen.remembered, fingerprint))
            except ClaimTaken as taken:
                raise claim_refused(taken) from None
            except Conflict:
                continue
            return self._settled(Answer(position, subject))
        raise errors.TooBusy

    def _settled(self, answer: Answer) -> Answer:
        """Give an answer once everything that follows from it is done."""
        self._projector.catch_up()
        finish_erasures(self._log, self._projector)
        return answer

    def _begin(self, command: str, actor: Actor, command_id: UUID) -> Deed:
        registers = command == "register_organisation"
        known = None if registers else actor.organisation_id
        organisation = known and self._log.organisation(known)
        role = role_for(command, actor, organisation or None)
        if organisation is None and not registers:
            raise errors.OrganisationUnknown
        act = Act(
            organisation_id=known or self._ids.new_id(),
            actor=actor.id,
            role=role,
            door=actor.door,
            recorded_at=self._clock.now(),
            command_id=command_id,
            correlation_id=command_id,
        )
        return Deed(self._log, act, organisation or None)


def read_registration(
    cvr: str, name: str, settings: Mapping[str, Any], *, allow_fictitious_cvr: bool
) -> tuple[str, str, dict[str, Any]]:
    """What is said of an organisation to register. Raises: as `Administration.register_organisation`."""
    return (
        numbers.cvr(cvr, allow_fictitious=allow_fictitious_cvr),
        personal.name(name),
        _read_settings(settings),
    )


def _read_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    from brugerbog.application.settings_file import read_settings  # noqa: PLC0415 - slow to load, rarely used

    return read_settings(values)


def spelled_out(said: object) -> str:
    """What was said, unambiguously, for the fingerprint of a command; never stored or shown."""
    if is_dataclass(said):
        return "\x1f".join(f"{field.name}={getattr(said, field.name)!r}" for field in fields(said))
    return repr(said)


def first_answer(seen: Remembered, fingerprint: bytes) -> Answer:
    """The answer that a command got the first time. Raises: CommandIdReused for another command."""
    if seen.fingerprint != fingerprint:
        raise errors.CommandIdReused(seen.command_id)
    return Answer(seen.position, seen.subject)


def claim_refused(taken: ClaimTaken) -> Refusal:
    """The refusal that a taken identity comes to."""
    if taken.kind == "cvr":
        return errors.OrganisationAlreadyRegistered()
    return errors.CprInUse(taken.holder) if taken.kind == "cpr" else errors.PersonInUse(taken.holder)

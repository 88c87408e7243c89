"""Previews of effects: of sending many users to activation, and of disallowing something in settings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from brugerbog.application.commands.activation import sending_outcome, sending_result
from brugerbog.application.commands.organisation import read_settings
from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.queries.user_list import current_rows
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.user.means_held import SharedMeansNotNamed, means_to_assign
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from brugerbog.projections.user_list.table import LINE_BREAK, is_current, user_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.activation import SendingResult
    from brugerbog.domain.settings import Settings
    from brugerbog.projections.projection import Row

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SendingPreview:
    """The effects of sending many users to activation, and the cost if all new means were ordered.

    `new_means` is the number of means by kind that the users would get; `cost` is in øre.
    """

    sending: SendingResult
    new_means: dict[Means, int]
    cost: int


@dataclass(frozen=True, slots=True)
class UsersAffected:
    """Users who have something that a setting would disallow; they keep it. `value` is the item of a list."""

    setting: str
    value: str | None
    users: tuple[UUID, ...]


class EffectPreviews(QueryExecution):
    """Previews of effects, shown before a command is confirmed."""

    @question("send_many_to_activation", user_list)
    def sending(
        self, actor: Actor, user_ids: Sequence[UUID] | None = None, *, means: Sequence[Means] = ()
    ) -> SendingPreview:
        """Return what `send_many_to_activation` would do now, with these users or with all who wait.

        Raises: UserUnknown, MeansNotOffered, SharedMeansNotNamed.
        """
        organisation = self._authorized_organisation("send_many_to_activation", actor)
        settings = organisation.settings
        settings.check_means(means)
        self._projector.catch_up()
        outcomes, added = dict[UUID, str](), Counter[Means]()
        for row in self._rows_to_send(organisation.id, user_ids):
            outcome = sending_outcome(Status(row["phase"]), has_cpr=row["cpr_masked"] is not None)
            outcomes[row["user_id"]] = outcome
            if outcome == "sent":
                if Means.SHARED in means and Means.SHARED not in row["means"].split(","):
                    raise SharedMeansNotNamed
                has = [Means(one) for one in row["means"].split(",") if one]
                added.update(means_to_assign(means, assigned=has, active=()))
        cost = sum(settings.prices.of(one) * count for one, count in added.items())
        return SendingPreview(sending_result(outcomes), dict(added), cost)

    def _rows_to_send(self, scope: UUID, user_ids: Sequence[UUID] | None) -> list[Row]:
        columns = (user_list.c.user_id, user_list.c.phase, user_list.c.cpr_masked, user_list.c.means)
        with self._read.connect() as connection:
            if user_ids is None:
                waiting = select(*columns).where(
                    user_list.c.organisation_id == scope,
                    is_current,
                    user_list.c.phase == Status.IMPORTED.value,
                )
                found = connection.execute(waiting.order_by(user_list.c.sort_key, user_list.c.user_id))
                return [dict(row) for row in found.mappings()]
            known: dict[UUID, Row] = {}
            wanted = list(dict.fromkeys(user_ids))
            for start in range(0, len(wanted), _BATCH):
                some = connection.execute(current_rows(wanted[start : start + _BATCH], *columns)).mappings()
                known |= {row["user_id"]: dict(row) for row in some if row["organisation_id"] == scope}
        missing = [one for one in wanted if one not in known]
        deleted = self._log.user_versions(scope, missing)
        for one in missing:
            if one not in deleted:
                raise UserUnknown(one)
            known[one] = {"user_id": one, "phase": Status.DELETED, "cpr_masked": None, "means": ""}
        return [known[one] for one in wanted]

    @question("change_settings", user_list)
    def concerned_by(self, actor: Actor, settings: Mapping[str, Any]) -> list[UsersAffected]:
        """Return the users who have something that a change of settings would disallow.

        Such a change doesn't change users: an administrator decides about each.
        Raises: SettingsInvalid.
        """
        organisation = self._authorized_organisation("change_settings", actor)
        after = organisation.settings.with_changes(read_settings(settings))
        disallowed = list(_disallowed(organisation.settings, after))
        if not disallowed:
            return []
        self._projector.catch_up()
        found: list[UsersAffected] = []
        existing = select(user_list).where(user_list.c.organisation_id == organisation.id, is_current)
        with self._read.connect() as connection:
            rows = [dict(row) for row in connection.execute(existing).mappings()]
        for setting, value, has in disallowed:
            users = tuple(row["user_id"] for row in rows if has(row))
            if users:
                found.append(UsersAffected(setting, value, users))
        return found


def _disallowed(before: Settings, after: Settings) -> list[tuple[str, str | None, Callable[[Row], bool]]]:
    """Return what a change disallows: the setting, the item of a list, and whether a row has it."""
    disallowed: list[tuple[str, str | None, Callable[[Row], bool]]] = []
    for setting, has in _SWITCHES.items():
        if getattr(before, setting) and not getattr(after, setting):
            disallowed.append((setting, None, has))
    if after.ial.level < before.ial.level:
        disallowed.append(("ial", None, lambda row: row["target_ial"] == before.ial))
    for setting, column, sign in _LISTS:
        kept = {_name(one) for one in getattr(after, setting)}
        gone = [one for one in map(_name, getattr(before, setting)) if one not in kept]
        disallowed += [(setting, one, _has_value(column, one, sign)) for one in gone]
    return disallowed


def _name(value: object) -> str:
    return str(getattr(value, "id", value))


def _has_value(column: str, value: str, sign: str) -> Callable[[Row], bool]:
    return lambda row: value in (row[column] or "").split(sign)


_SWITCHES: dict[str, Callable[[Row], bool]] = {
    "allow_anonymous": lambda row: bool(row["anonymous"]),
    "allow_private_means": lambda row: Means.PRIVATE in row["means"].split(","),
    "allow_shared_means": lambda row: Means.SHARED in row["means"].split(","),
    "use_p_numbers": lambda row: row["p_number"] is not None,
    "use_se_numbers": lambda row: row["se_number"] is not None,
    "use_reference_text": lambda row: row["reference_text"] is not None,
    "allow_sealing": lambda row: bool(row["sealing_profiles"]),
}
_LISTS = (
    ("dedicated_means", "means", ","),
    ("p_numbers", "p_number", LINE_BREAK),
    ("se_numbers", "se_number", LINE_BREAK),
    ("eans", "ean", LINE_BREAK),
    ("certificate_profiles", "sealing_profiles", LINE_BREAK),
    ("rights", "rights", LINE_BREAK),
)

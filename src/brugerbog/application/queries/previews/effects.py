"""Previews of the effects of sending many users to activation, and of a change of settings."""

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
    """Users who have something that a change of a setting would disallow; they keep it.

    `value` is the item removed from a setting that is a list, else None.
    """

    setting: str
    value: str | None
    users: tuple[UUID, ...]


class EffectPreviews(QueryExecution):
    """Previews of effects, shown before a command is confirmed."""

    @question("send_many_to_activation", user_list)
    def sending(
        self, actor: Actor, user_ids: Sequence[UUID] | None = None, *, means: Sequence[Means] = ()
    ) -> SendingPreview:
        """Return what `send_many_to_activation` would do now with these users, or with all imported users.

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
                assigned = [Means(kind) for kind in row["means"].split(",") if kind]
                added.update(means_to_assign(means, assigned=assigned, active=()))
        cost = sum(settings.prices.of(kind) * count for kind, count in added.items())
        return SendingPreview(sending_result(outcomes), dict(added), cost)

    def _rows_to_send(self, scope: UUID, user_ids: Sequence[UUID] | None) -> list[Row]:
        columns = (user_list.c.user_id, user_list.c.phase, user_list.c.cpr_masked, user_list.c.means)
        with self._read.connect() as connection:
            if user_ids is None:
                imported = select(*columns).where(
                    user_list.c.organisation_id == scope,
                    is_current,
                    user_list.c.phase == Status.IMPORTED.value,
                )
                found = connection.execute(imported.order_by(user_list.c.sort_key, user_list.c.user_id))
                return [dict(row) for row in found.mappings()]
            known: dict[UUID, Row] = {}
            wanted = list(dict.fromkeys(user_ids))
            for start in range(0, len(wanted), _BATCH):
                rows = connection.execute(current_rows(wanted[start : start + _BATCH], *columns)).mappings()
                known |= {row["user_id"]: dict(row) for row in rows if row["organisation_id"] == scope}
        missing = [user_id for user_id in wanted if user_id not in known]
        deleted = self._log.user_versions(scope, missing)  # the log has them, the user list no longer has
        for user_id in missing:
            if user_id not in deleted:
                raise UserUnknown(user_id)
            known[user_id] = {"user_id": user_id, "phase": Status.DELETED, "cpr_masked": None, "means": ""}
        return [known[user_id] for user_id in wanted]

    @question("change_settings", user_list)
    def concerned_by(self, actor: Actor, settings: Mapping[str, Any]) -> list[UsersAffected]:
        """Return the users who have something that a change of settings would disallow.

        The change of settings leaves these users as they are: an administrator decides about each.
        Raises: SettingsInvalid.
        """
        organisation = self._authorized_organisation("change_settings", actor)
        after = organisation.settings.with_changes(read_settings(settings))
        disallowed = list(_disallowed(organisation.settings, after))
        if not disallowed:
            return []
        self._projector.catch_up()
        found: list[UsersAffected] = []
        current = select(user_list).where(user_list.c.organisation_id == organisation.id, is_current)
        with self._read.connect() as connection:
            rows = [dict(row) for row in connection.execute(current).mappings()]
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
    for setting, column, separator in _LISTS:
        kept = {_id_or_text(item) for item in getattr(after, setting)}
        removed = [item for item in map(_id_or_text, getattr(before, setting)) if item not in kept]
        disallowed += [(setting, item, _has_value(column, item, separator)) for item in removed]
    return disallowed


def _id_or_text(value: object) -> str:
    return str(getattr(value, "id", value))


def _has_value(column: str, value: str, separator: str) -> Callable[[Row], bool]:
    return lambda row: value in (row[column] or "").split(separator)


_SWITCHES: dict[str, Callable[[Row], bool]] = {
    "allow_anonymous": lambda row: bool(row["anonymous"]),
    "allow_private_means": lambda row: Means.PRIVATE in row["means"].split(","),
    "allow_shared_means": lambda row: Means.SHARED in row["means"].split(","),
    "use_p_numbers": lambda row: row["p_number"] is not None,
    "use_se_numbers": lambda row: row["se_number"] is not None,
    "use_reference_text": lambda row: row["reference_text"] is not None,
    "allow_sealing": lambda row: bool(row["sealing_profiles"]),
}
"""For each setting that allows something: whether a row has it."""

_LISTS = (
    ("dedicated_means", "means", ","),
    ("p_numbers", "p_number", LINE_BREAK),
    ("se_numbers", "se_number", LINE_BREAK),
    ("eans", "ean", LINE_BREAK),
    ("certificate_profiles", "sealing_profiles", LINE_BREAK),
    ("rights", "rights", LINE_BREAK),
)
"""Each setting that is a list, the column with values from it, and the separator of the column's values."""

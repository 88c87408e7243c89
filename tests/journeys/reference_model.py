"""A model of an organisation's users in plain dictionaries, without events, as reference for random steps."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from brugerbog.domain.values.means import Means
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.journeys.random_steps import NAMES, Step
from tests.org_driver import BORN, OTHER_P_NUMBER
from tests.people import made_up_cpr

ONE_DAY = timedelta(1)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DANISH_ORDER = ("Anna", "Bo", "Import", "Prøve", "Ægir", "Østen", "Aage")
RANK = ("imported", "pending", "active", "deactivated")
UserRow = dict[str, Any]


class ModelRefusal(Exception):
    """The refusal of a step, with its code."""


@dataclass
class ReferenceModel:
    """Users by id in the order of their creation; commands are named as in a `Step`."""

    now: datetime
    users: dict[UUID, UserRow] = field(default_factory=dict)
    numbers: int = 0

    def execute(self, step: Step, new_ids: list[UUID]) -> object:
        """Return the outcome that the step must have; `new_ids` are the users it creates."""
        self.now += timedelta(hours=7 * step.first, microseconds=1)
        if not self.users and step.command != "import":
            step = step._replace(command="create")
        chosen = list(self.users)[-1 - step.target % len(self.users)] if self.users else None
        try:
            if step.command == "import":
                return self._import(step, chosen, new_ids)
            if step.command == "create":
                self._create(step, new_ids[0])
            elif step.command == "due":
                self.now += timedelta(days=8 * step.second)
                self._due()
            else:
                self._do(step, self.users[chosen])
        except ModelRefusal as refusal:
            return str(refusal)
        return "done"

    def not_deleted(self) -> list[UserRow]:
        return [user for user in self.users.values() if user["phase"] != "deleted"]

    def status(self, user: UserRow) -> str:
        day, period = self._today(), user["period"]
        away = period and period[0] <= day and (period[1] is None or day <= period[1])
        return "deactivated" if user["phase"] == "active" and away else user["phase"]

    def by_name(self) -> list[UUID]:
        return [user["id"] for user in sorted(self.not_deleted(), key=_name)]

    def by_status(self) -> list[UUID]:
        return [
            user["id"]
            for user in sorted(
                self.not_deleted(), key=lambda user: (RANK.index(self.status(user)), _name(user))
            )
        ]

    def shown(self, user: UserRow) -> UserRow:
        """Return a user who isn't deleted as a list shows them."""
        period = self._current_period(user)
        cpr = user["cpr"]
        return {name: user[name] for name in user.keys() - {"phase", "period", "cpr", "link", "lines"}} | {
            "status": self.status(user),
            "cpr_masked": f"{cpr[:6]}-xxxx" if cpr else None,
            "date_of_birth": BORN.isoformat(),
            "deactivated_from": period[0].isoformat() if period else None,
            "deactivated_to": period[1].isoformat() if period and period[1] else None,
            "link_expires_at": user["link"],
            "link_has_expired": user["link"] is not None and user["link"] <= self.now,
            "active_means": [],
            "ordered_means": [],
            "rights": [],
            "can_sign": False,
            "sealing_profiles": [],
            "asks_for_anonymity": False,
            "user_name": None,
            "external_id": None,
        }

    def lines(self, user: UserRow) -> list[tuple[datetime, str]]:
        """Return the activity history, by the time each entry took effect."""
        return sorted(user["lines"], key=lambda line: line[0])

    def _today(self) -> date:
        return self.now.astimezone(COPENHAGEN).date()

    def _current_period(self, user: UserRow) -> tuple[date, date | None] | None:
        period: tuple[date, date | None] | None = user["period"]
        return period if period and (period[1] is None or period[1] >= self._today()) else None

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _enter(self, user_id: UUID, line: str, **values: Any) -> UserRow:  # noqa: ANN401 - of a person
        user = {
            "id": user_id,
            "email": f"{self._number()}@by.test",
            "phone": None,
            "anonymous": False,
            "p_number": None,
            "se_number": None,
            "ean": None,
            "reference_text": None,
            "created_at": self.now,
            "period": None,
            "link": None,
            "lines": [],
        } | values
        self.users[user_id] = user
        self._add_entry(user, line)
        return user

    def _add_entry(self, user: UserRow, text: str, at: datetime | None = None) -> None:
        user["lines"].append((at or self.now, text))

    def _create(self, step: Step, user_id: UUID) -> None:
        cpr = made_up_cpr(BORN, self._number()) if step.first % 2 else None
        user = self._enter(
            user_id,
            "Bruger oprettet",
            first_name=NAMES[step.first],
            surname="Prøve",
            cpr=cpr,
            phase="pending",
            target_ial="high",
            means=[],
        )
        user["p_number"] = P_NUMBER if step.second == 3 else None
        if step.second == 1:
            user["anonymous"] = True
            self._add_entry(user, "Bruger markeret som anonym")
        if step.second == 2:
            self._give(user, ["app"])
        self._invite(user, "Aktiveringsmail sendt")
        if cpr is None:
            self._add_entry(user, "Midlertidig aktiveringskode dannet")

    def _invite(self, user: UserRow, line: str) -> None:
        """Make the link valid for 30 days by the clocks of Copenhagen."""
        there = self.now.astimezone(COPENHAGEN)
        user["link"] = (there + 30 * ONE_DAY).astimezone(UTC)
        self._add_entry(user, line)

    def _import(self, step: Step, chosen: UUID | None, new_ids: list[UUID]) -> list[Any]:
        outcomes: list[Any] = []
        for number, user_id in enumerate(new_ids):
            cpr = made_up_cpr(BORN, self._number())
            user = self._enter(
                user_id,
                "Bruger importeret",
                first_name=NAMES[(step.first + number) % len(NAMES)],
                surname="Import",
                cpr=cpr,
                phase="imported",
                target_ial="substantial",
                means=[],
            )
            if number:
                self._give(user, ["private"])
            outcomes.append(("created", user_id, []))
        if chosen is not None:
            outcomes += self._import_of(step, self.users[chosen])
        return outcomes

    def _import_of(self, step: Step, user: UserRow) -> list[Any]:
        refused = ("refused", None, ["already_deleted"])
        if user["phase"] == "deleted":
            return [refused, refused if step.first == 0 else ("refused", None, ["user_id_invalid"])]
        same = user["first_name"] == NAMES[step.second]
        self._rename(user, NAMES[step.second], user["surname"])
        outcomes = [("unchanged" if same else "updated", user["id"], [])]
        if step.first:
            return [*outcomes, ("refused", None, ["user_id_invalid"])]
        user["phase"] = "deleted"
        return [*outcomes, ("deleted", user["id"], [])]

    def _do(self, step: Step, user: UserRow) -> None:
        number = self._number() if step.command == "edit" and step.second == 0 else None
        if user["phase"] == "deleted":
            raise ModelRefusal("already_deleted")
        if number is not None:
            self._add_cpr(user, made_up_cpr(BORN, number))
        else:
            getattr(self, f"_{step.command}")(step, user)

    def _add_cpr(self, user: UserRow, cpr: str) -> None:
        if user["cpr"]:
            raise ModelRefusal("known_by_another_cpr")
        user["cpr"] = cpr
        self._add_entry(user, "CPR-nummer tilføjet")

    def _rename(self, user: UserRow, first_name: str, surname: str) -> None:
        self._set(user, "Navn rettet", first_name=first_name, surname=surname)

    def _set(self, user: UserRow, line: str, **values: object) -> None:
        if any(user[name] != value for name, value in values.items()):
            user.update(values)
            self._add_entry(user, line)

    def _edit(self, step: Step, user: UserRow) -> None:
        self._rename(user, user["first_name"], NAMES[step.first])
        self._set(user, "Kontaktoplysninger ændret", phone=f"1234567{step.second}")
        self._set(user, "Faktureringsmetode ændret", ean=EAN if step.second == 1 else None)
        self._set(user, "Referencetekst ændret", reference_text=None if step.first else "K7")

    def _place(self, step: Step, user: UserRow) -> None:
        if step.first == 3:
            raise ModelRefusal("p_number_unknown")
        p_number = (P_NUMBER, OTHER_P_NUMBER, None, None, None)[step.first]
        se_number = SE_NUMBER if step.second else None
        self._set(user, "P-/SE-nummer ændret", p_number=p_number, se_number=se_number)

    def _means(self, step: Step, user: UserRow) -> None:
        every = [means.value for means in Means]
        self._give(user, [every[step.first], every[step.second]])

    def _give(self, user: UserRow, means: list[str]) -> None:
        """Assign means; a repeated one is a second device, of private and shared there is one.

        No means is in use in this model, so an assigned means is one still to be ordered.
        """
        open_, new = list(user["means"]), []
        for each in means:
            if each not in open_:
                new.append(each)
                if each in ("private", "shared"):
                    open_.append(each)
            elif each not in ("private", "shared"):
                open_.remove(each)
        if new:
            user["means"] = user["means"] + new
            self._add_entry(user, "Identifikationsmidler tildelt")
            if "shared" in new:
                self._add_entry(user, "Delt identifikationsmiddel tilknyttet")
            if user["phase"] == "active":
                self._add_entry(user, "E-mail om identifikationsmidler sendt")

    def _send(self, _step: Step, user: UserRow) -> None:
        if user["phase"] != "imported":
            raise ModelRefusal("not_imported")
        user["phase"] = "pending"
        self._add_entry(user, "Bruger sendt til aktivering")
        self._invite(user, "Aktiveringsmail sendt")

    def _resend(self, _step: Step, user: UserRow) -> None:
        if user["phase"] != "pending":
            raise ModelRefusal("not_pending")
        self._invite(user, "Aktiveringsmail gensendt")

    def _activate(self, _step: Step, user: UserRow) -> None:
        if user["phase"] != "pending":
            raise ModelRefusal("not_pending")
        user["phase"] = "active"
        user["link"] = None
        self._add_entry(user, "Bruger aktiveret")

    def _deactivate(self, step: Step, user: UserRow) -> None:
        first = self._today() + (step.first - 1) * ONE_DAY
        last = first + step.second * ONE_DAY if step.second else None
        if user["phase"] != "active":
            raise ModelRefusal("never_activated")
        if self._current_period(user) == (first, last):
            return
        if first < self._today():
            raise ModelRefusal("from_date_in_the_past")
        user["period"] = (first, last)
        until = f" til og med {last:%d.%m.%Y}" if last else ""
        self._add_entry(user, f"Bruger deaktiveret fra {first:%d.%m.%Y}{until}")

    def _reactivate(self, _step: Step, user: UserRow) -> None:
        if self._current_period(user) is None:
            raise ModelRefusal("not_deactivated")
        user["period"] = None
        self._add_entry(user, "Bruger genaktiveret")

    def _due(self) -> None:
        """Record each expired link and each ended deactivation once, as of the time it took effect."""
        for user in self.not_deleted():
            link, period = user["link"], user["period"]
            expired = "Aktiveringslink udløbet"
            if link is not None and link <= self.now and (link, expired) not in user["lines"]:
                self._add_entry(user, expired, link)
            if period and period[1] is not None and period[1] < self._today():
                user["period"] = None
                end = datetime.combine(period[1] + ONE_DAY, time(), COPENHAGEN)
                self._add_entry(user, "Bruger genaktiveret", end.astimezone(UTC))

    def _delete(self, _step: Step, user: UserRow) -> None:
        user["phase"] = "deleted"


def _name(user: UserRow) -> tuple[int, int, UUID]:
    return DANISH_ORDER.index(user["first_name"]), DANISH_ORDER.index(user["surname"]), user["id"]

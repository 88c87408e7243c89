"""What a town must be after a history, told by plain dictionaries that know nothing of events."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from brugerbog.domain.values.means import Means
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.journeys.random_steps import NAMES, Step
from tests.journeys.town import BORN, OTHER_P_NUMBER
from tests.people import made_up_cpr

ONE_DAY = timedelta(1)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DANISH_ORDER = ("Anna", "Bo", "Import", "Prøve", "Ægir", "Østen", "Aage")
RANK = ("imported", "pending", "active", "deactivated")
Person = dict[str, Any]


class No(Exception):
    """The code of a refusal."""


@dataclass
class Model:
    """People by id, in the order they came; `deed`s are named as in a step."""

    now: datetime
    people: dict[UUID, Person] = field(default_factory=dict)
    numbers: int = 0

    def take(self, step: Step, new_ids: list[UUID]) -> object:
        """What the step must lead to, given the ids of those it brings."""
        self.now += timedelta(hours=7 * step.one, microseconds=1)
        if not self.people and step.deed != "import":
            step = step._replace(deed="create")
        chosen = list(self.people)[-1 - step.who % len(self.people)] if self.people else None
        try:
            if step.deed == "import":
                return self._import(step, chosen, new_ids)
            if step.deed == "create":
                self._create(step, new_ids[0])
            elif step.deed == "due":
                self.now += timedelta(days=8 * step.other)
                self._due()
            else:
                self._do(step, self.people[chosen])
        except No as refusal:
            return str(refusal)
        return "done"

    def living(self) -> list[Person]:
        return [one for one in self.people.values() if one["phase"] != "deleted"]

    def status(self, one: Person) -> str:
        day, period = self._today(), one["period"]
        away = period and period[0] <= day and (period[1] is None or day <= period[1])
        return "deactivated" if one["phase"] == "active" and away else one["phase"]

    def by_name(self) -> list[UUID]:
        return [one["id"] for one in sorted(self.living(), key=_name)]

    def by_status(self) -> list[UUID]:
        return [
            one["id"]
            for one in sorted(self.living(), key=lambda one: (RANK.index(self.status(one)), _name(one)))
        ]

    def shown(self, one: Person) -> Person:
        """A living person as a list shows him."""
        period = self._standing(one)
        cpr = one["cpr"]
        return {name: one[name] for name in one.keys() - {"phase", "period", "cpr", "link", "lines"}} | {
            "status": self.status(one),
            "cpr_masked": f"{cpr[:6]}-xxxx" if cpr else None,
            "date_of_birth": BORN.isoformat(),
            "deactivated_from": period[0].isoformat() if period else None,
            "deactivated_to": period[1].isoformat() if period and period[1] else None,
            "link_expires_at": one["link"],
            "link_has_expired": one["link"] is not None and one["link"] <= self.now,
            "active_means": [],
            "ordered_means": [],
            "rights": [],
            "can_sign": False,
            "sealing_profiles": [],
            "asks_for_anonymity": False,
            "user_name": None,
            "external_id": None,
        }

    def lines(self, one: Person) -> list[tuple[datetime, str]]:
        """What became of him, as of when it took effect."""
        return sorted(one["lines"], key=lambda line: line[0])

    def _today(self) -> date:
        return self.now.astimezone(COPENHAGEN).date()

    def _standing(self, one: Person) -> tuple[date, date | None] | None:
        period: tuple[date, date | None] | None = one["period"]
        return period if period and (period[1] is None or period[1] >= self._today()) else None

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _enter(self, user_id: UUID, line: str, **said: Any) -> Person:  # noqa: ANN401 - of a person
        one = {
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
        } | said
        self.people[user_id] = one
        self._line(one, line)
        return one

    def _line(self, one: Person, text: str, at: datetime | None = None) -> None:
        one["lines"].append((at or self.now, text))

    def _create(self, step: Step, user_id: UUID) -> None:
        cpr = made_up_cpr(BORN, self._number()) if step.one % 2 else None
        one = self._enter(
            user_id,
            "Bruger oprettet",
            first_name=NAMES[step.one],
            surname="Prøve",
            cpr=cpr,
            phase="pending",
            target_ial="high",
            means=[],
        )
        one["p_number"] = P_NUMBER if step.other == 3 else None
        if step.other == 1:
            one["anonymous"] = True
            self._line(one, "Bruger markeret som anonym")
        if step.other == 2:
            self._give(one, ["app"])
        self._invite(one, "Aktiveringsmail sendt")
        if cpr is None:
            self._line(one, "Midlertidig aktiveringskode dannet")

    def _invite(self, one: Person, line: str) -> None:
        """The link is good for 30 days by the clocks of Copenhagen."""
        there = self.now.astimezone(COPENHAGEN)
        one["link"] = (there + 30 * ONE_DAY).astimezone(UTC)
        self._line(one, line)

    def _import(self, step: Step, chosen: UUID | None, new_ids: list[UUID]) -> list[Any]:
        told: list[Any] = []
        for number, user_id in enumerate(new_ids):
            cpr = made_up_cpr(BORN, self._number())
            one = self._enter(
                user_id,
                "Bruger importeret",
                first_name=NAMES[(step.one + number) % len(NAMES)],
                surname="Import",
                cpr=cpr,
                phase="imported",
                target_ial="substantial",
                means=[],
            )
            if number:
                self._give(one, ["private"])
            told.append(("created", user_id, []))
        if chosen is not None:
            told += self._import_of(step, self.people[chosen])
        return told

    def _import_of(self, step: Step, one: Person) -> list[Any]:
        refused = ("refused", None, ["already_deleted"])
        if one["phase"] == "deleted":
            return [refused, refused if step.one == 0 else ("refused", None, ["user_id_invalid"])]
        same = one["first_name"] == NAMES[step.other]
        self._rename(one, NAMES[step.other], one["surname"])
        told = [("unchanged" if same else "updated", one["id"], [])]
        if step.one:
            return [*told, ("refused", None, ["user_id_invalid"])]
        one["phase"] = "deleted"
        return [*told, ("deleted", one["id"], [])]

    def _do(self, step: Step, one: Person) -> None:
        number = self._number() if step.deed == "edit" and step.other == 0 else None
        if one["phase"] == "deleted":
            raise No("already_deleted")
        if number is not None:
            self._add_cpr(one, made_up_cpr(BORN, number))
        else:
            getattr(self, f"_{step.deed}")(step, one)

    def _add_cpr(self, one: Person, cpr: str) -> None:
        if one["cpr"]:
            raise No("known_by_another_cpr")
        one["cpr"] = cpr
        self._line(one, "CPR-nummer tilføjet")

    def _rename(self, one: Person, first_name: str, surname: str) -> None:
        self._set(one, "Navn rettet", first_name=first_name, surname=surname)

    def _set(self, one: Person, line: str, **values: object) -> None:
        if any(one[name] != value for name, value in values.items()):
            one.update(values)
            self._line(one, line)

    def _edit(self, step: Step, one: Person) -> None:
        self._rename(one, one["first_name"], NAMES[step.one])
        self._set(one, "Kontaktoplysninger ændret", phone=f"1234567{step.other}")
        self._set(one, "Faktureringsmetode ændret", ean=EAN if step.other == 1 else None)
        self._set(one, "Referencetekst ændret", reference_text=None if step.one else "K7")

    def _place(self, step: Step, one: Person) -> None:
        if step.one == 3:
            raise No("p_number_unknown")
        p_number = (P_NUMBER, OTHER_P_NUMBER, None, None, None)[step.one]
        se_number = SE_NUMBER if step.other else None
        self._set(one, "P-/SE-nummer ændret", p_number=p_number, se_number=se_number)

    def _means(self, step: Step, one: Person) -> None:
        every = [means.value for means in Means]
        self._give(one, [every[step.one], every[step.other]])

    def _give(self, one: Person, means: list[str]) -> None:
        """None is in use here, so what he has he can still take; of private and shared there is one."""
        open_, new = list(one["means"]), []
        for each in means:
            if each not in open_:
                new.append(each)
                if each in ("private", "shared"):
                    open_.append(each)
            elif each not in ("private", "shared"):
                open_.remove(each)
        if new:
            one["means"] = one["means"] + new
            self._line(one, "Identifikationsmidler tildelt")
            if "shared" in new:
                self._line(one, "Delt identifikationsmiddel tilknyttet")
            if one["phase"] == "active":
                self._line(one, "E-mail om identifikationsmidler sendt")

    def _send(self, _step: Step, one: Person) -> None:
        if one["phase"] != "imported":
            raise No("not_imported")
        one["phase"] = "pending"
        self._line(one, "Bruger sendt til aktivering")
        self._invite(one, "Aktiveringsmail sendt")

    def _resend(self, _step: Step, one: Person) -> None:
        if one["phase"] != "pending":
            raise No("not_pending")
        self._invite(one, "Aktiveringsmail gensendt")

    def _activate(self, _step: Step, one: Person) -> None:
        if one["phase"] != "pending":
            raise No("not_pending")
        one["phase"] = "active"
        one["link"] = None
        self._line(one, "Bruger aktiveret")

    def _deactivate(self, step: Step, one: Person) -> None:
        first = self._today() + (step.one - 1) * ONE_DAY
        last = first + step.other * ONE_DAY if step.other else None
        if one["phase"] != "active":
            raise No("never_activated")
        if self._standing(one) == (first, last):
            return
        if first < self._today():
            raise No("from_date_in_the_past")
        one["period"] = (first, last)
        until = f" til og med {last:%d.%m.%Y}" if last else ""
        self._line(one, f"Bruger deaktiveret fra {first:%d.%m.%Y}{until}")

    def _reactivate(self, _step: Step, one: Person) -> None:
        if self._standing(one) is None:
            raise No("not_deactivated")
        one["period"] = None
        self._line(one, "Bruger genaktiveret")

    def _due(self) -> None:
        """What time has brought is told once, as of when it took effect."""
        for one in self.living():
            link, period = one["link"], one["period"]
            expired = "Aktiveringslink udløbet"
            if link is not None and link <= self.now and (link, expired) not in one["lines"]:
                self._line(one, expired, link)
            if period and period[1] is not None and period[1] < self._today():
                one["period"] = None
                end = datetime.combine(period[1] + ONE_DAY, time(), COPENHAGEN)
                self._line(one, "Bruger genaktiveret", end.astimezone(UTC))

    def _delete(self, _step: Step, one: Person) -> None:
        one["phase"] = "deleted"


def _name(one: Person) -> tuple[int, int, UUID]:
    return DANISH_ORDER.index(one["first_name"]), DANISH_ORDER.index(one["surname"]), one["id"]

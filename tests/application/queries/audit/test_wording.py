"""Each attribute of a user or an organisation has a Danish label and text in the log."""

from dataclasses import fields

import pytest

from brugerbog.application.queries.audit.wording import LABELS, NOT_DESCRIBED, changes, describe
from brugerbog.application.queries.user_list import UserView
from brugerbog.domain.danish.event_names import DANISH_EVENT_NAMES
from brugerbog.domain.kernel.doors import DANISH_DOORS, Door
from brugerbog.domain.kernel.roles import DANISH_ROLES, Role
from brugerbog.domain.organisation.log_reading import DANISH_LOG_READINGS, LogReadingKind
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import DANISH_STATUS, Status
from tests.domain.event_classes import APART, EVENT_CLASSES
from tests.given import (
    CPR,
    PERMISSIVE_SETTINGS,
    SHARED,
    Step,
    a_user,
    activated,
    asking_for_anonymity,
    confirmed,
    context,
    deactivated,
    deleted,
    edited,
    given_means,
    granted,
    user_after,
)


def plain(names: set[str]) -> set[str]:
    return {name.partition(" ")[0] for name in names}


def test_each_attribute_has_a_label_or_is_left_out() -> None:
    organisation = Organisation.register(
        context(), cvr="90000001", name="Firma", settings=PERMISSIVE_SETTINGS
    )
    for aggregate in (user_after(a_user()), organisation):
        assert vars(aggregate).keys() - NOT_DESCRIBED - LABELS.keys() <= {"settings"}
        assert plain(set(describe(aggregate))) <= LABELS.keys()


def test_each_field_of_the_user_view_has_a_label() -> None:
    assert {one.name for one in fields(UserView)} - {"id", "version", "changed_at"} <= LABELS.keys()


def test_each_field_of_events_that_change_no_state_has_a_label() -> None:
    stamp = {*context().stamp(), "originator_id", "originator_version", "originator_topic"}
    for event in APART:
        assert {one.name for one in fields(event)} - stamp <= LABELS.keys()  # type: ignore[arg-type]


def test_each_kind_door_role_status_and_reading_has_a_danish_text() -> None:
    assert DANISH_EVENT_NAMES.keys() == {*APART, *(event for _, event in EVENT_CLASSES)}
    assert DANISH_DOORS.keys() == set(Door)
    assert DANISH_ROLES.keys() == set(Role)
    assert DANISH_STATUS.keys() == set(Status)
    assert DANISH_LOG_READINGS.keys() == set(LogReadingKind)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (edited(email="ny@firma.test"), {"E-mail": ("anne@firma.test", "ny@firma.test")}),
        (edited(phone="12345678"), {"Telefon": (None, "12345678")}),
        (given_means(Means.CHIP, Means.CHIP), {"Identifikationsmidler": (None, "chip (2)")}),
        (granted("r1"), {"Rettigheder": (None, "r1")}),
        (
            deactivated("2026-04-01", "2026-04-02"),
            {"Deaktivering": (None, "fra 01.04.2026 til og med 02.04.2026")},
        ),
        (asking_for_anonymity, {"Beder om at blive anonym": ("nej", "ja")}),
        (
            deleted(),
            {
                "Status": ("Aktiv", "Slettet"),
                "Fornavn": ("Anne", "Slettet"),
                "CPR-nummer": ("070961-xxxx", "Slettet"),
                "Personoplysninger slettet": ("nej", "ja"),
            },
        ),
    ],
    ids=["e-mail", "phone", "means", "rights", "absence", "anonymity", "erasure"],
)
def test_a_change_has_both_values(step: Step, told: dict[str, tuple[str | None, str | None]]) -> None:
    life = (a_user(cpr=CPR), confirmed, activated)
    found = changes(describe(user_after(*life)), describe(user_after(*life, step)))
    assert {one.label: (one.before, one.after) for one in found}.items() >= told.items()


def test_a_description_has_no_cpr_number_and_no_identifier() -> None:
    user = user_after(a_user(cpr=CPR, means=(Means.SHARED,), shared_means=SHARED))
    text = str(describe(user))
    assert "070961-xxxx" in text
    assert CPR not in text
    assert SHARED.identifier not in text


def test_roles_are_described_for_each_user() -> None:
    user = user_after(a_user())
    organisation = Organisation.register(
        context(), cvr="90000001", name="Firma", settings=PERMISSIVE_SETTINGS
    )
    before = describe(organisation)
    organisation.give_role(context(), user, Role.USER_ADMINISTRATOR)
    (change,) = changes(before, describe(organisation))
    assert (change.field, change.label) == (f"roles {user.id}", "Roller")
    assert (change.before, change.after) == (None, "brugeradministrator")

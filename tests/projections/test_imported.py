"""Who waits under Importerede brugere."""

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.projections.imported.projection import ImportedProjection
from tests.given import CPR, NOON, ORGANISATION, USER, Step, a_user, an_imported_user, deleted, edited, sent
from tests.projections.folds import erased, fold, only_row, story


@pytest.mark.parametrize("cpr", [CPR, None])
def test_an_imported_user_waits(cpr: str | None) -> None:
    assert only_row(ImportedProjection(), an_imported_user(cpr=cpr)) == {
        "user_id": USER,
        "organisation_id": ORGANISATION,
        "imported_at": microseconds(NOON),
        "has_cpr": cpr is not None,
    }


def test_a_cpr_number_added_while_waiting_opens_sending_many_at_once() -> None:
    assert only_row(ImportedProjection(), an_imported_user(), edited(cpr=CPR))["has_cpr"] is True


def test_other_edits_leave_him_waiting_as_he_is() -> None:
    before = only_row(ImportedProjection(), an_imported_user())

    assert only_row(ImportedProjection(), an_imported_user(), edited(surname="Ny")) == before


@pytest.mark.parametrize(
    "end", [sent, deleted(), deleted(retention_days=30)], ids=["sent", "erased", "kept a while"]
)
def test_whoever_is_sent_or_deleted_waits_no_more(end: Step) -> None:
    assert fold(ImportedProjection(), story(an_imported_user(), end)) == []


def test_a_created_user_never_waits() -> None:
    assert fold(ImportedProjection(), story(a_user(), edited(cpr=CPR))) == []


def test_whether_an_erased_person_had_a_cpr_number_is_not_told() -> None:
    assert fold(ImportedProjection(), erased(story(an_imported_user(cpr=CPR))))[0]["has_cpr"] is False

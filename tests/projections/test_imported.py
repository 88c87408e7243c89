"""Who waits under Importerede brugere."""

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.projections.imported.projection import ImportedProjection
from tests.given import CPR, NOON, ORGANISATION, USER, Step, a_user, an_imported_user, deleted, edited, sent
from tests.projections.folds import erased, fold, only_row, story


@pytest.mark.parametrize("cpr", [CPR, None])
def test_an_imported_user_is_a_row(cpr: str | None) -> None:
    assert only_row(ImportedProjection(), an_imported_user(cpr=cpr)) == {
        "user_id": USER,
        "organisation_id": ORGANISATION,
        "imported_at": microseconds(NOON),
        "has_cpr": cpr is not None,
    }


def test_an_added_cpr_number_allows_bulk_sending() -> None:
    assert only_row(ImportedProjection(), an_imported_user(), edited(cpr=CPR))["has_cpr"] is True


def test_other_edits_change_nothing() -> None:
    before = only_row(ImportedProjection(), an_imported_user())

    assert only_row(ImportedProjection(), an_imported_user(), edited(surname="Ny")) == before


@pytest.mark.parametrize(
    "end", [sent, deleted(), deleted(retention_days=30)], ids=["sent", "erased", "kept a while"]
)
def test_a_sent_or_deleted_user_has_no_row(end: Step) -> None:
    assert fold(ImportedProjection(), story(an_imported_user(), end)) == []


def test_a_created_user_has_no_row() -> None:
    assert fold(ImportedProjection(), story(a_user(), edited(cpr=CPR))) == []


def test_the_row_of_an_erased_user_does_not_reveal_a_cpr_number() -> None:
    assert fold(ImportedProjection(), erased(story(an_imported_user(cpr=CPR))))[0]["has_cpr"] is False

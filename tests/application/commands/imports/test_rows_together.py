"""A row sees the effects of the rows before it, and does not depend on their being valid."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brugerbog.application.commands.imports.receipt import RowError, RowOutcome
from brugerbog.service import Service
from tests.application.commands.imports.csv_rows import (
    BIRTH_DATE,
    by_birth_date,
    cpr,
    create,
    delete,
    row,
    update,
)
from tests.application.commands.imports.file_importer import USER_ID, FileImporter, last, outcomes, register

SAME = {"email": "anne@firma.test"}


def test_actions_may_be_mixed(file_importer: FileImporter) -> None:
    kept, left = file_importer.create_one(create(0)), file_importer.create_one(create(1))
    receipt = file_importer.import_rows(
        create(2), update(user_id=str(kept), phone="12345678"), row("X"), delete(cpr=cpr(1)), create(0)
    )
    assert outcomes(receipt) == ["created", "updated", "refused", "deleted", "refused"]
    assert (receipt.created, receipt.updated, receipt.deleted, receipt.refused) == (1, 1, 1, 2)
    assert receipt.outcomes[3].id == left


def test_one_person_is_created_edited_and_deleted_within_a_file(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(),
        update(cpr=cpr(0), phone="12345678"),
        update(cpr=cpr(0), first_name="Birthe"),
        delete(cpr=cpr(0)),
    )
    assert outcomes(receipt) == ["created", "updated", "updated", "deleted"]
    assert len({one.id for one in receipt.outcomes}) == 1
    assert file_importer.names() == []


def test_one_person_is_deleted_and_created_anew_within_a_file(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(create())
    receipt = file_importer.import_rows(
        delete(cpr=cpr(0)), create(first_name="Birthe"), update(cpr=cpr(0), phone="12345678")
    )
    assert outcomes(receipt) == ["deleted", "created", "updated"]
    assert user_id not in [one.id for one in receipt.outcomes[1:]]
    assert file_importer.names() == ["Birthe"]


def test_one_person_comes_and_goes_again_and_again_within_a_file(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(*[create(), delete(cpr=cpr(0))] * 5)
    assert outcomes(receipt) == ["created", "deleted"] * 5
    assert len({one.id for one in receipt.outcomes}) == 5


def test_a_refused_row_changes_nothing_for_the_rows_after_it(file_importer: FileImporter) -> None:
    receipt = file_importer.import_rows(
        create(phone="1"), create(), update(cpr=cpr(0), phone="x"), update(cpr=cpr(0), phone="")
    )
    assert outcomes(receipt) == ["refused", "created", "refused", "unchanged"]


def test_an_added_cpr_number_names_the_user_in_the_rows_after_it(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date())
    receipt = file_importer.import_rows(
        update(user_id=str(user_id), cpr=cpr(0)), update(cpr=cpr(0), phone="12345678"), create(1, cpr=cpr(0))
    )
    assert outcomes(receipt) == ["updated", "updated", "refused"]


def test_of_two_users_only_one_gets_a_cpr_number(file_importer: FileImporter) -> None:
    one, two = file_importer.create_one(by_birth_date(0)), file_importer.create_one(by_birth_date(1))
    receipt = file_importer.import_rows(
        update(user_id=str(one), cpr=cpr(0)), update(user_id=str(two), cpr=cpr(0))
    )
    assert outcomes(receipt) == ["updated", "refused"]


def test_a_name_given_up_by_one_is_free_for_another(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date())
    receipt = file_importer.import_rows(update(user_id=str(user_id), first_name="Birthe"), by_birth_date())
    assert outcomes(receipt) == ["updated", "created"]


def test_deleting_one_of_two_of_the_same_name_leaves_the_other_known(file_importer: FileImporter) -> None:
    """One is known by birth date, the other by CPR number; a third row means the first of them."""
    user_id = file_importer.create_one(by_birth_date(**SAME))
    file_importer.create_one(create(**SAME))
    receipt = file_importer.import_rows(delete(cpr=cpr(0)), by_birth_date(**SAME))
    assert outcomes(receipt) == ["deleted", "unchanged"]
    assert last(receipt).id == user_id


def test_deleting_one_of_two_of_the_same_name_and_cpr_numbers_leaves_the_other_known(
    file_importer: FileImporter,
) -> None:
    file_importer.create_one(create(0, **SAME))
    user_id = file_importer.create_one(create(1, **SAME))
    receipt = file_importer.import_rows(delete(cpr=cpr(0)), by_birth_date(**SAME))
    assert outcomes(receipt) == ["deleted", "unchanged"]
    assert last(receipt).id == user_id


def test_renaming_one_of_two_of_the_same_name_leaves_the_other_known(file_importer: FileImporter) -> None:
    user_id = file_importer.create_one(by_birth_date(**SAME))
    file_importer.create_one(create(**SAME))
    receipt = file_importer.import_rows(update(cpr=cpr(0), first_name="Birthe"), by_birth_date(**SAME))
    assert last(receipt).id == user_id


def test_names_may_go_round_within_a_file(file_importer: FileImporter) -> None:
    one, two = (
        str(file_importer.create_one(by_birth_date(**SAME, first_name=name))) for name in ("Anne", "Birthe")
    )
    receipt = file_importer.import_rows(
        update(user_id=one, first_name="Clara"),
        update(user_id=two, first_name="Anne"),
        update(user_id=one, first_name="Birthe"),
    )
    assert outcomes(receipt) == ["updated", "updated", "updated"]
    assert file_importer.names() == ["Anne", "Birthe"]


def test_an_e_mail_may_be_handed_on_within_a_file(file_importer: FileImporter) -> None:
    one, two = (str(file_importer.create_one(by_birth_date(serial))) for serial in range(2))
    receipt = file_importer.import_rows(
        update(user_id=two, email="anne2@firma.test"),
        update(user_id=one, email="anne1@firma.test"),
        update(user_id=two, email="anne0@firma.test"),
    )
    assert outcomes(receipt) == ["updated", "updated", "updated"]


KEYS = st.one_of(
    st.sampled_from([0, 1, 2]).map(lambda serial: {"cpr": cpr(serial)}),
    st.sampled_from([0, 1, 2]).map(lambda known: {"known": known}),
    st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda both: {"known": both[0], "cpr": cpr(both[1])}),
)
NAMES = st.fixed_dictionaries({}, optional={"first_name": st.sampled_from(["Anne", "Birthe"])})
MAILS = st.fixed_dictionaries({}, optional={"email": st.sampled_from(["a@firma.test", "b@firma.test"])})
SAID = st.tuples(NAMES, MAILS).map(lambda both: both[0] | both[1])
ROWS = st.one_of(
    st.tuples(st.just("C"), st.integers(0, 2).map(lambda serial: {"cpr": cpr(serial)}), SAID),
    st.tuples(st.just("C"), st.just({"date_of_birth": BIRTH_DATE}), SAID),
    st.tuples(st.just("U"), KEYS, SAID),
    st.tuples(st.just("D"), KEYS, NAMES),
)


def written(action: str, key: dict[str, Any], said: dict[str, str], known: list[str]) -> str:
    """A row; users known from the beginning are named by their place."""
    cells = {name: text for name, text in key.items() if name != "known"}
    if "known" in key:
        cells["user_id"] = known[key["known"]]
    if action == "C":
        return create(**({"cpr": "", "email": "a@firma.test"} | cells | said))
    return row(action, **cells, **said)


def begin(file_importer: FileImporter) -> list[str]:
    """Three users who are there from the beginning: by CPR number, by birth date, by birth date."""
    receipt = file_importer.import_rows(
        create(0, email="a@firma.test"),
        by_birth_date(email="b@firma.test"),
        by_birth_date(email="b@firma.test", first_name="Birthe"),
    )
    return [str(one.id) for one in receipt.outcomes]


def called(known: list[str], told: list[RowOutcome]) -> dict[str, str]:
    """Name each user by the place at the beginning, or by the row that created the user."""
    names = {user_id: f"user {place}" for place, user_id in enumerate(known)}
    created = [(place, one) for place, one in enumerate(told) if one.outcome == "created"]
    return names | {str(one.id): f"row {place}" for place, one in created}


SOMEBODY_IS_THAT_ALREADY = {
    "twice_in_file",
    "cpr_in_use",
    "person_in_use",
    "cpr_in_use_with_other_data",
    "person_in_use_with_other_data",
}
"""Whom an earlier row of the same file has made is named by that row, others by their id."""


def plain(names: dict[str, str], told: list[RowOutcome]) -> list[object]:
    """Outcomes with everybody called by those names."""

    def reason(error: RowError) -> tuple[str, ...]:
        if error.code in SOMEBODY_IS_THAT_ALREADY:
            return (error.column,)
        message = error.message.rpartition("«: ")[2]
        return (error.column, error.code, USER_ID.sub(lambda found: names[found[0]], message))

    return [(one.outcome, names.get(str(one.id)), [reason(error) for error in one.errors]) for one in told]


def state(file_importer: FileImporter, names: dict[str, str]) -> dict[str, object]:
    found = file_importer.service.queries.users(file_importer.actor).users
    return {names[str(one.id)]: (one.first_name, one.email, one.cpr_masked) for one in found}


CVR_NUMBERS = count(91000001)


@settings(max_examples=15)
@given(all_or_nothing=st.booleans(), rows=st.lists(ROWS, min_size=2, max_size=6))
def test_a_file_of_many_rows_does_what_many_files_of_one_row_do(
    shared_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
    *,
    all_or_nothing: bool,
    rows: list[Any],
) -> None:
    path = tmp_path_factory.getbasetemp() / "users.csv"
    whole, apart = (
        FileImporter(shared_service, register(shared_service, cvr=str(next(CVR_NUMBERS))), path)
        for _ in range(2)
    )
    known, known_apart = begin(whole), begin(apart)
    before = state(whole, called(known, []))
    told = [apart.import_rows(written(*one, known_apart)).outcomes[0] for one in rows]
    receipt = whole.import_rows(*(written(*one, known) for one in rows), all_or_nothing=all_or_nothing)

    if all_or_nothing and any(one.outcome == "refused" for one in told):
        assert state(whole, called(known, [])) == before
    else:
        names, names_apart = called(known, receipt.outcomes), called(known_apart, told)
        assert plain(names, receipt.outcomes) == plain(names_apart, told)
        assert state(whole, names) == state(apart, names_apart)

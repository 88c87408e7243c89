"""People are found by what can be seen of their names, also those who came in before that was the rule."""

from pathlib import Path
from uuid import UUID

import pytest

import brugerbog
from brugerbog import maintenance
from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.application.refusals.requests import CprInUse, PersonInUse, UserNameInUse
from brugerbog.application.refusals.store import StoreOutdated
from brugerbog.domain.user import directory_account, identity
from brugerbog.domain.values import personal_data
from brugerbog.infrastructure.database.schema import reservations
from brugerbog.infrastructure.migrations.m5_claims_by_visible_name import CLAIMS_BY_WHAT_IS_SEEN
from brugerbog.infrastructure.migrations.m8_claims_without_dots import CLAIMS_WITHOUT_DOTS
from brugerbog.infrastructure.wiring import open_backend
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, office, open_store, rows, somebody, user_of, without_cpr

UNSEEN = "Dob\u200bbelt"


def create_by_the_old_rule(service: Service, actor: Actor) -> list[UUID]:
    """Two who are one person by what is seen, and whose accounts are one; and somebody with a number."""
    with pytest.MonkeyPatch.context() as old:
        old.setattr(personal_data, "normalized_text", str.strip)
        old.setattr(directory_account, "normalized_text", str.strip)
        old.setattr(identity, "comparison_form", str.casefold)
        return [
            create(service, actor, without_cpr(first_name="Dobbelt", user_name="dob")),
            create(service, actor, without_cpr(first_name=UNSEEN, user_name="do\u200bb")),
            create(service, actor, somebody(4, first_name="\u00adIda", user_name="\uff29da")),
        ]


def make_older(url: str) -> None:
    """Leave the store as its upgrade from the old rule leaves it when it is cut off after the step."""
    backend, _ = open_backend(url)
    with backend.write_transaction(backend.log) as connection:
        CLAIMS_BY_WHAT_IS_SEEN.on_log(connection, {})
    backend.close()


@pytest.fixture
def upgraded(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The users of a store that was made under the old rule and brought to this version."""
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    with office(store_url, tmp_path) as (service, actor):
        users = create_by_the_old_rule(service, actor)
    make_older(store_url)
    maintenance.upgrade(store_url)
    return users


def test_who_came_in_with_an_unseen_character_is_known_again(
    upgraded: list[UUID], store_url: str, tmp_path: Path
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        assert_log_is_sound(service)
        with pytest.raises(PersonInUse) as refused:
            create(service, actor, without_cpr(first_name="DOBBELT"))
        assert refused.value.user_id in upgraded[:2]
        with pytest.raises(UserNameInUse):
            create(service, actor, somebody(6, user_name="ida"))
        with pytest.raises(CprInUse):
            create(service, actor, somebody(4))
        assert [user_of(service, one).first_name for one in upgraded[:2]] == ["Dobbelt", UNSEEN]


def test_two_who_are_one_person_by_now_both_stay_and_can_be_distinguished(
    upgraded: list[UUID], store_url: str, tmp_path: Path
) -> None:
    first, second, _ = upgraded
    with office(store_url, tmp_path) as (service, actor):
        service.keys.rotate_index()
        assert len(rows(service, reservations)) == len(upgraded) + 1
        for one in (first, second):
            service.administration.edit_user(actor, one, UserEdits(phone="12345678"))
        service.administration.edit_user(
            actor, second, UserEdits(first_name="Enkelt", user_name="enkelt", email="e@example.org")
        )
        with pytest.raises(PersonInUse):
            service.administration.edit_user(
                actor, second, UserEdits(first_name="Dobbelt", email="ida0@example.org")
            )
        service.administration.delete_user(actor, first)
        create(service, actor, without_cpr(first_name="Dobbelt", user_name="dob"))
        assert_log_is_sound(service)


def test_both_are_found_and_sorted_by_what_is_seen(
    upgraded: list[UUID], store_url: str, tmp_path: Path
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        found = service.queries.users(actor, UserQuery(search="dobbelt"))
        assert {one.id for one in found.users} == set(upgraded[:2])
        account = service.queries.users(actor, UserQuery(account="IDA"))
        assert [one.id for one in account.users] == upgraded[2:]


def test_a_store_whose_claims_are_not_yet_made_anew_is_refused_until_it_is_upgraded(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    with office(store_url, tmp_path) as (service, actor):
        create_by_the_old_rule(service, actor)
    make_older(store_url)
    with pytest.raises(StoreOutdated):
        open_store(store_url, tmp_path)

    assert maintenance.upgrade(store_url).steps == []
    with office(store_url, tmp_path) as (service, actor), pytest.raises(PersonInUse):
        create(service, actor, without_cpr(first_name="Dobbelt"))


def test_a_copy_of_a_store_holds_both(upgraded: list[UUID], tmp_path: Path, store_url: str) -> None:
    to = f"sqlite:///{tmp_path / 'copy.db'}"
    key = tmp_path / "master.key"
    maintenance.copy(store_url, to, source_key_file=key, target_key_file=tmp_path / "to.key")
    with brugerbog.open(to, master_key_file=tmp_path / "to.key") as service:
        assert len(rows(service, reservations)) == len(upgraded) + 1


def test_who_came_in_with_a_dotless_i_is_known_again(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    with office(store_url, tmp_path) as (service, actor), pytest.MonkeyPatch.context() as old:
        old.setattr(identity, "comparison_form", str.casefold)
        known = create(service, actor, without_cpr(surname="Y\u0131ld\u0131z"))
    backend, _ = open_backend(store_url)
    with backend.write_transaction(backend.log) as connection:
        for _ in range(2):
            CLAIMS_WITHOUT_DOTS.on_log(connection, {})
    backend.close()
    maintenance.upgrade(store_url)
    with office(store_url, tmp_path) as (service, actor):
        with pytest.raises(PersonInUse) as refused:
            create(service, actor, without_cpr(surname="YILDIZ"))
        assert refused.value.user_id == known

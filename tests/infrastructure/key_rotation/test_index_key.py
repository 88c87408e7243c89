"""Changing the key of the claims finds everybody again, and nobody twice, whoever else has the store open."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE, IdentityReservation
from brugerbog.application.refusals.requests import CprInUse, OrganisationAlreadyRegistered, UserNameInUse
from brugerbog.domain.user.identity import Identity
from brugerbog.infrastructure.database.schema import (
    head,
    installation_keys,
    log_tables,
    reservations,
)
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.key_rotation import index_key
from brugerbog.infrastructure.key_rotation.index_key import IndexKeyRotation
from brugerbog.infrastructure.keys.installation_keys import INDEX, MEMORY, new_key
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import BORN, at_once, create, office, open_store, register, rows, somebody, user_of

HEADER = (
    "Aktion;UUID;Fornavn;Efternavn;CPR;Foedselsdato;E-mail;Telefon;Anonym;Referencetekst;TargetIAL;EAN;"
    "P-nummer;SE-nummer;Loginmiddel\r\n"
)


def assert_claims_are_made_with(service: Service, index: bytes) -> None:
    """Every claim is that of its holder under this key, and there is no other key."""
    (kept,) = service.log.installation_keys.load(INDEX)
    (first,) = rows(service, head)
    assert (kept.id, bytes(first.index_key)) == (index, index)
    users = service.log.users([row.holder for row in rows(service, reservations)])
    for row in rows(service, reservations):
        user = users.get(row.holder)
        known_as = Identity("cvr", "90000001") if user is None else user.identity
        assert known_as is not None
        scope = INSTALLATION_SCOPE if user is None else user.organisation_id
        assert bytes(row.digest) == service.log.vault.index_key.digest(known_as.kind, scope, known_as.text)
        if user is not None:
            assert bytes(row.person) == service.log.vault.index_key.digest_of(scope, user.name_identity)
            assert row.account == service.log.vault.index_key.digest_of(scope, user.account_identity)


def test_all_claims_are_made_anew_and_nothing_else(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        users = [create(service, actor, somebody(serial, user_name=f"u{serial}")) for serial in range(4)]
        users.append(create(service, actor, somebody(9, cpr=None, date_of_birth=BORN)))
        service.administration.delete_user(actor, users[0])
        before = {table.name: rows(service, table) for table in log_tables.sorted_tables}
        done = service.keys.rotate_index()
        after = {table.name: rows(service, table) for table in log_tables.sorted_tables}

        assert done.reservations == 4 + 1
        assert {name for name in before if before[name] != after[name]} == {"claims", "head"}
        assert before["head"][0][:-1] == after["head"][0][:-1]
        assert [row.holder for row in before["claims"]] == [row.holder for row in after["claims"]]
        assert not {bytes(row.digest) for row in before["claims"]} & {
            bytes(row.digest) for row in after["claims"]
        }
        assert_claims_are_made_with(service, done.index)
        assert_log_is_sound(service)
    with office(store_url, tmp_path) as (service, actor):
        assert service.organisation_id("90000001") == actor.organisation_id
        with pytest.raises(CprInUse):
            create(service, actor, somebody(1))
        with pytest.raises(UserNameInUse):
            create(service, actor, somebody(5, user_name="U2"))


def test_more_claims_than_are_made_at_once_are_all_made_anew(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brugerbog.infrastructure.key_rotation.index_key._BATCH_SIZE", 3)
    with office(store_url, tmp_path) as (service, actor):
        for serial in range(10):
            create(service, actor, somebody(serial))
        done = service.keys.rotate_index()
        assert done.reservations == 11
        assert_claims_are_made_with(service, done.index)


def test_what_is_remembered_is_remembered_still(tmp_path: Path, store_url: str) -> None:
    command_id = uuid4()
    with office(store_url, tmp_path) as (service, actor):
        (memory,) = service.log.installation_keys.load(MEMORY)
        user_id = create(service, actor, somebody(0))
        edits = UserEdits(phone="20000001")
        first = service.administration.edit_user(actor, user_id, edits, command_id=command_id)
        service.keys.rotate_index()

        assert service.log.installation_keys.load(MEMORY) == [memory]
        assert service.administration.edit_user(actor, user_id, edits, command_id=command_id) == first


# Others who have the store open


def test_somebody_else_who_looks_up_finds_with_the_new_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        user_id = create(service, actor, somebody(0))
        user = user_of(service, user_id)
        assert user.identity is not None
        assert user.name_identity is not None
        done = service.keys.rotate_index()
        assert other.log.vault.index_key.id != done.index

        assert other.organisation_id("90000001") == actor.organisation_id
        assert other.log.identity_holders(user.organisation_id, [user.identity]) == {user.identity: user_id}
        assert other.log.name_identity_holders(user.organisation_id, [user.name_identity]) == {
            user.name_identity: {user_id}
        }
        assert other.log.vault.index_key.id == done.index


def test_nobody_gets_in_twice_by_somebody_who_has_the_old_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        user_id = create(service, actor, somebody(0))
        done = service.keys.rotate_index()
        with pytest.raises(CprInUse) as taken:
            create(other, actor, somebody(0))
        assert taken.value.user_id == user_id
        with pytest.raises(OrganisationAlreadyRegistered):
            register(other)
        assert_claims_are_made_with(service, done.index)


def test_who_comes_in_by_somebody_with_the_old_key_is_claimed_with_the_new(
    tmp_path: Path, store_url: str
) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        done = service.keys.rotate_index()
        create(other, actor, somebody(0))
        assert_claims_are_made_with(service, done.index)
        with pytest.raises(CprInUse):
            create(service, actor, somebody(0))


def test_all_or_nothing_meanwhile_claims_with_the_new_key(tmp_path: Path, store_url: str) -> None:
    people = ("C;;Bo;Øst;;24121985;bo@firma.test;;;;3;;;;", "C;;Ib;Øst;;24121986;ib@firma.test;;;;3;;;;")
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        path = tmp_path / "users.csv"
        path.write_text(HEADER + "\r\n".join(people), encoding="utf-8")
        done = service.keys.rotate_index()
        receipt = other.administration.import_users(actor, path, all_or_nothing=True)
        assert receipt.created == 2
        assert_claims_are_made_with(service, done.index)
        again = service.administration.import_users(actor, path)
        assert (again.created, again.unchanged) == (0, 2)


def test_several_changes_while_somebody_sleeps_are_followed(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:
        for _ in range(3):
            done = service.keys.rotate_index()
        create(other, actor, somebody(0))
        assert_claims_are_made_with(service, done.index)


def test_of_many_who_create_the_same_while_the_key_changes_one_wins(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor), open_store(store_url, tmp_path) as other:

        def work(number: int) -> list[Any]:
            if number == 0:
                return [service.keys.rotate_index() for _ in range(4)]
            won = []
            for serial in range(12):
                try:
                    won.append(create((service, other)[number % 2], actor, somebody(serial)))
                except CprInUse:
                    won.append(None)
            return won

        changed, *created = at_once(4, work)

        for serial in range(12):
            assert len([one for one in created if one[serial] is not None]) == 1
        assert_claims_are_made_with(service, changed[-1].index)


# Cut off


@pytest.mark.parametrize("step", ["_change", "_forget_others"])
def test_a_change_that_fails_leaves_one_key_and_its_claims(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError

    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        with monkeypatch.context() as broken:
            broken.setattr(IndexKeyRotation, step, fail)
            with pytest.raises(ConnectionError):
                service.keys.rotate_index()
        assert len([row for row in rows(service, installation_keys) if row.name == INDEX]) == 2
        with pytest.raises(CprInUse):
            create(service, actor, somebody(0))
    with office(store_url, tmp_path) as (service, actor):
        assert_claims_are_made_with(service, service.log.installation_keys.current_index_key_id())
        with pytest.raises(CprInUse):
            create(service, actor, somebody(0))


def test_claims_that_cannot_be_made_leave_all_as_they_were(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        before = rows(service, reservations), rows(service, head)
        reservations_for = index_key.reservations_for

        def half(log: BrugerbogLog, holders: list[UUID]) -> list[IdentityReservation]:
            reservations_for(log, holders[:1])
            raise ConnectionError

        monkeypatch.setattr(index_key, "reservations_for", half)
        with pytest.raises(ConnectionError):
            service.keys.rotate_index()
        assert (rows(service, reservations), rows(service, head)) == before


def test_a_key_that_is_just_being_introduced_is_not_swept_by_an_open(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _), service.log.backend.key_rotation_lock():
        service.log.installation_keys.add(INDEX, new_key(INDEX))
        open_store(store_url, tmp_path).close()
        assert len(service.log.installation_keys.load(INDEX)) == 2
    open_store(store_url, tmp_path).close()
    with open_store(store_url, tmp_path) as service:
        assert len(service.log.installation_keys.load(INDEX)) == 1

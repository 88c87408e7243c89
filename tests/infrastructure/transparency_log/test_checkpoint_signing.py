"""Checkpoints are signed over what is stored, and never when that contradicts what was signed before."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from brugerbog.application.actors import Actor
from brugerbog.application.ports.transparency_log import DamageKind
from brugerbog.application.refusals.log import CheckpointForged, LogDamaged
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.database.schema import checkpoints, events, head, signing_keys
from brugerbog.infrastructure.database.store_metadata import RESTORED, set_metadata
from brugerbog.infrastructure.keys.installation_keys import SIGNING, new_key
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner
from brugerbog.infrastructure.transparency_log.checkpoints import Checkpoint, ConsistencyProof
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier
from brugerbog.infrastructure.transparency_log.signed_notes import Ed25519Signer, key_name, parse_key_file
from brugerbog.service import Service
from tests.infrastructure.database.tampering import tampering
from tests.stores import create, rows, somebody


@pytest.fixture
def log(service: Service, actor: Actor) -> Service:
    """Three users and their organisation."""
    for at in range(3):
        create(service, actor, somebody(at))
    return service


def grow(log: Service, serial: int = 9) -> None:
    create(log, log.operator(), somebody(serial))


def change_an_event(log: Service, position: int = 2) -> None:
    with tampering(log) as connection:
        connection.execute(update(events).where(events.c.position == position).values(topic="user.imported"))


def write_anew(log: Service) -> None:
    """Somebody with the whole database changes an event and makes a head that fits."""
    change_an_event(log)
    derivation = LogVerifier(log.log.backend)
    stored = derivation.head()
    forged = Frontier()
    for leaf, _ in derivation.leaves(stored.log_id, 0, stored.size):
        forged.append(leaf)
    with tampering(log) as connection:
        connection.execute(update(head).values(frontier=forged.to_bytes()))


def forget_checkpoints(log: Service) -> None:
    with tampering(log) as connection:
        if log.log.backend.has_single_database:
            connection.exec_driver_sql("ALTER TABLE checkpoints DISABLE TRIGGER ALL")
        else:
            connection.exec_driver_sql("DROP TRIGGER checkpoints_no_delete")
        connection.execute(delete(checkpoints))


def test_a_checkpoint_says_what_the_head_says_and_is_signed(log: Service) -> None:
    signed = log.checkpoint_signer.sign()

    stored = LogVerifier(log.log.backend).head()
    said = Checkpoint.verify(signed.note, log.checkpoint_signer.verifier_keys(stored.log_id))
    assert (said.log_id, said.size, said.root) == (stored.log_id, stored.size, stored.root)
    assert said.restored is None
    assert [row.note for row in rows(log, checkpoints)] == [signed.note]


def test_the_same_head_again_is_the_same_checkpoint(log: Service) -> None:
    assert log.checkpoint_signer.sign().note == log.checkpoint_signer.sign().note
    assert len(rows(log, checkpoints)) == 1


def test_keeping_up_signs_only_when_something_has_come(log: Service) -> None:
    first = log.checkpoint_signer.sign_new_events()
    assert log.checkpoint_signer.sign_new_events() is None
    grow(log)
    second = log.checkpoint_signer.sign_new_events()

    assert first is not None
    assert second is not None
    assert second.checkpoint.size == first.checkpoint.size + 2
    assert second.note == log.checkpoint_signer.sign().note


def test_keeping_up_reads_only_what_has_come_since(log: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    log.checkpoint_signer.sign()
    grow(log)
    read: list[int] = []
    whole = LogVerifier.leaves

    def counted(self: LogVerifier, log_id: object, after: int, until: int) -> object:
        read.append(until - after)
        return whole(self, log_id, after, until)  # type: ignore[arg-type]

    monkeypatch.setattr(LogVerifier, "leaves", counted)
    log.checkpoint_signer.sign_new_events()

    assert read == [2]


@pytest.mark.parametrize("way", ["sign", "sign_new_events"])
def test_a_damaged_log_is_not_signed(log: Service, way: str) -> None:
    change_an_event(log)

    with pytest.raises(LogDamaged):
        getattr(log.checkpoint_signer, way)()
    assert rows(log, checkpoints) == []


def test_a_log_written_anew_is_not_signed_against_an_earlier_checkpoint(log: Service) -> None:
    log.checkpoint_signer.sign()
    write_anew(log)
    grow(log)

    with pytest.raises(LogDamaged):
        log.checkpoint_signer.sign()
    verdict = log.checkpoint_signer.verify()
    assert verdict.damage is not None
    assert verdict.damage.kind is DamageKind.HEAD_MISMATCH


def test_a_checkpoint_kept_elsewhere_binds_when_those_in_the_store_are_gone(
    log: Service, tmp_path: Path
) -> None:
    elsewhere = CheckpointFolder(tmp_path / "elsewhere")
    log.checkpoint_signer.sign(to=elsewhere)
    forget_checkpoints(log)
    write_anew(log)
    assert log.checkpoint_signer.verify().is_sound

    with pytest.raises(LogDamaged):
        log.checkpoint_signer.sign(to=elsewhere)


def test_a_log_shorter_than_a_checkpoint_kept_elsewhere_is_not_signed(log: Service, tmp_path: Path) -> None:
    elsewhere = CheckpointFolder(tmp_path / "elsewhere")
    before = LogVerifier(log.log.backend).head()
    grow(log)
    log.checkpoint_signer.sign(to=elsewhere)
    forget_checkpoints(log)
    with tampering(log) as connection:
        connection.execute(delete(events).where(events.c.position > before.size))
        connection.execute(update(head).values(size=before.size, frontier=before.frontier))

    with pytest.raises(LogDamaged) as refused:
        log.checkpoint_signer.sign(to=elsewhere)
    assert (refused.value.kind, refused.value.position) == ("cut_off", before.size + 1)


def test_after_a_restore_checkpoints_of_what_was_lost_do_not_bind_and_new_ones_say_so(
    log: Service, tmp_path: Path
) -> None:
    elsewhere = CheckpointFolder(tmp_path / "elsewhere")
    before = LogVerifier(log.log.backend).head()
    grow(log)
    log.checkpoint_signer.sign(to=elsewhere)
    forget_checkpoints(log)
    with tampering(log) as connection:
        connection.execute(delete(events).where(events.c.position > before.size))
        connection.execute(update(head).values(size=before.size, frontier=before.frontier))
    set_metadata(log.log.backend, RESTORED, before.size)

    signed = log.checkpoint_signer.sign(to=elsewhere)

    assert signed.checkpoint.restored == before.size
    assert f"restored {before.size}\n".encode() in signed.note
    assert log.checkpoint_signer.sign(to=elsewhere).note == signed.note


def test_a_checkpoint_by_a_key_that_is_not_the_logs_is_forged(log: Service, tmp_path: Path) -> None:
    stored = LogVerifier(log.log.backend).head()
    forger = Ed25519Signer(key_name(stored.log_id), bytes(range(32)))
    (tmp_path / f"{stored.size}.checkpoint").write_bytes(
        Checkpoint(stored.log_id, stored.size, bytes(32)).sign([forger])
    )

    with pytest.raises(CheckpointForged):
        log.checkpoint_signer.sign(to=CheckpointFolder(tmp_path))


def test_checkpoints_of_another_log_do_not_bind(log: Service, tmp_path: Path) -> None:
    elsewhere = Ed25519Signer(key_name(log.operator().id), bytes(range(32)))
    note = Checkpoint(log.operator().id, 1, bytes(32)).sign([elsewhere])
    (tmp_path / "1.checkpoint").write_bytes(note)

    assert log.checkpoint_signer.sign(to=CheckpointFolder(tmp_path))
    assert (tmp_path / "1.checkpoint").read_bytes() == note


def test_the_folder_holds_each_checkpoint_and_the_key(log: Service, tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "kept")
    first = log.checkpoint_signer.sign(to=folder)
    grow(log)
    second = log.checkpoint_signer.sign(to=folder)

    kept = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    sizes = (first.checkpoint.size, second.checkpoint.size)
    assert kept[f"{sizes[0]}.checkpoint"] == first.note
    assert kept[f"{sizes[1]}.checkpoint"] == second.note
    assert parse_key_file(kept["key.pub"]) == log.checkpoint_signer.verifier_keys(first.checkpoint.log_id)
    assert ConsistencyProof.parse(kept[f"{sizes[0]}-{sizes[1]}.consistency"].decode()).older == sizes[0]
    assert len(kept) == 4


def test_a_change_of_the_signing_key_leaves_a_checkpoint_signed_with_both(log: Service) -> None:
    old = log.checkpoint_signer.sign()
    log.keys.rotate_signing(log.checkpoint_signer.sign_with_both)

    both, keys = rows(log, checkpoints)[-1].note, log.checkpoint_signer.verifier_keys(old.checkpoint.log_id)
    assert len(keys) == 2
    for key in keys:
        assert Checkpoint.verify(both, [key]).size == old.checkpoint.size
    grow(log)
    later = log.checkpoint_signer.sign()
    assert Checkpoint.verify(later.note, keys[:1])
    assert log.checkpoint_signer.verify().checkpoints == 2


def test_a_box_put_in_another_place_is_not_what_the_tree_is_about(log: Service) -> None:
    # The tree holds commitments; that a box fits is seen when it is opened (test_sealing).
    with log.log.recorder.write_transaction() as connection:
        connection.execute(text("DELETE FROM sealed"))

    assert log.checkpoint_signer.verify().is_sound


@pytest.mark.parametrize("takes_the_key", [False, True])
def test_a_log_written_anew_under_a_key_of_ones_own_contradicts_a_checkpoint_held_elsewhere(
    log: Service, tmp_path: Path, *, takes_the_key: bool
) -> None:
    elsewhere = CheckpointFolder(tmp_path / "elsewhere")
    log.checkpoint_signer.sign(to=elsewhere)
    write_anew(log)
    forget_checkpoints(log)
    own = new_key(SIGNING)
    stored = LogVerifier(log.log.backend).head()
    said = Checkpoint(stored.log_id, stored.size, stored.root)
    note = said.sign([Ed25519Signer(key_name(stored.log_id), own.key.reveal())])
    with tampering(log) as connection:
        if takes_the_key:
            connection.execute(delete(signing_keys))
        connection.execute(
            insert(signing_keys).values(public_key=own.id, since_size=0, retired_at_size=stored.size)
        )
        connection.execute(
            insert(checkpoints).values(size=stored.size, made_at=0, frontier=stored.frontier, note=note)
        )

    verdict = log.checkpoint_signer.verify()
    assert (verdict.is_sound, verdict.checkpoints) == (True, 1)  # docs/promises.md, Limits
    guarded = StoredCheckpointSigner(log.log.backend, log.keys.signing, log.queries, elsewhere)
    with pytest.raises(CheckpointForged):
        guarded.verify()
    with pytest.raises(CheckpointForged):
        guarded.sign()


def test_a_public_key_put_into_the_table_is_given_to_nobody(log: Service, tmp_path: Path) -> None:
    elsewhere, log_id = CheckpointFolder(tmp_path / "elsewhere"), LogVerifier(log.log.backend).head().log_id
    log.checkpoint_signer.sign(to=elsewhere)
    before = log.keys.signing.current().public_key
    log.keys.rotate_signing(log.checkpoint_signer.sign_with_both)
    current = log.keys.signing.current().public_key
    with tampering(log) as connection:
        connection.execute(
            insert(signing_keys).values(public_key=bytes(31) + b"\x07", since_size=0, retired_at_size=99)
        )
    grow(log)
    log.checkpoint_signer.sign(to=elsewhere)
    given = parse_key_file((elsewhere.path / "key.pub").read_bytes())
    assert [one.public_key for one in given] == [current, before]
    assert [one.public_key for one in log.checkpoint_signer.current_verifier_keys(log_id)] == [current]

"""The tree is derived anew from the stored bytes, and the first place where they don't fit is named."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from brugerbog.application.actors import Actor
from brugerbog.application.ports.transparency_log import Damage, DamageKind
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.database.schema import events, head
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier
from brugerbog.service import Service
from tests.infrastructure.database.tampering import tampering
from tests.stores import create, somebody

Tamper = Callable[[Connection], object]


@pytest.fixture
def log(service: Service, actor: Actor) -> Service:
    """Five users and their organisation."""
    for at in range(5):
        create(service, actor, somebody(at))
    return service


def size_of(log: Service) -> int:
    return LogVerifier(log.log.backend).head().size


def found(log: Service, **known: object) -> Damage | None:
    derivation = LogVerifier(log.log.backend)
    return derivation.extend(Frontier(), derivation.head(), **known)


def leaves(log: Service) -> dict[int, bytes]:
    derivation = LogVerifier(log.log.backend)
    stored = derivation.head()
    return {row[0]: leaf for leaf, row in derivation.leaves(stored.log_id, 0, stored.size)}


def roots(log: Service) -> dict[int, bytes]:
    """What checkpoints after each event would say."""
    frontier, said = Frontier(), {}
    for position, leaf in leaves(log).items():
        frontier.append(leaf)
        said[position] = frontier.root()
    return said


def swap(connection: Connection) -> None:
    for before, after in ((4, -1), (5, 4), (-1, 5)):
        connection.execute(update(events).where(events.c.position == before).values(position=after))


ALTERATIONS: dict[str, Tamper] = {
    "payload": lambda on: on.execute(
        update(events).where(events.c.position == 4).values(payload=b'{"role": "operator"}')
    ),
    "time": lambda on: on.execute(
        update(events).where(events.c.position == 4).values(recorded_at=events.c.recorded_at + 1)
    ),
    "actor": lambda on: on.execute(
        update(events).where(events.c.position == 4).values(actor=events.c.stream_id)
    ),
    "topic": lambda on: on.execute(
        update(events).where(events.c.position == 4).values(topic="user.imported")
    ),
    "order": swap,
}


def test_a_log_as_it_was_recorded_comes_to_its_head(log: Service) -> None:
    assert found(log) is None
    assert found(log, signed_roots=roots(log), expected=leaves(log).get) is None


@pytest.mark.parametrize("change", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_a_changed_event_shows_against_the_head(log: Service, change: Tamper) -> None:
    with tampering(log) as connection:
        change(connection)

    damage = found(log)
    assert damage is not None
    assert (damage.kind, damage.position) == (DamageKind.HEAD_MISMATCH, size_of(log))


@pytest.mark.parametrize("change", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_checkpoints_narrow_down_where_it_is(log: Service, change: Tamper) -> None:
    said = {size: root for size, root in roots(log).items() if size in {2, 6}}
    with tampering(log) as connection:
        change(connection)

    damage = found(log, signed_roots=said)
    assert damage is not None
    assert (damage.kind, damage.position, damage.sound_until) == (DamageKind.HEAD_MISMATCH, 6, 2)


@pytest.mark.parametrize("change", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_leaves_kept_elsewhere_say_exactly_which_it_is(log: Service, change: Tamper) -> None:
    kept = leaves(log)
    with tampering(log) as connection:
        change(connection)

    damage = found(log, expected=kept.get)
    assert damage is not None
    assert (damage.kind, damage.position, damage.sound_until) == (DamageKind.ALTERED, 4, 3)


def test_a_removed_event_is_missing(log: Service) -> None:
    with tampering(log) as connection:
        connection.execute(delete(events).where(events.c.position == 3))

    assert found(log) == Damage(DamageKind.MISSING, 3, None, 0)


def test_a_log_that_ends_too_early_is_cut_off(log: Service) -> None:
    size = size_of(log)
    with tampering(log) as connection:
        connection.execute(delete(events).where(events.c.position > size - 2))

    assert found(log) == Damage(DamageKind.CUT_OFF, size - 1, None, 0)


def test_a_log_rolled_back_with_its_head_is_cut_off_before_its_checkpoint(log: Service) -> None:
    said, size = roots(log), size_of(log)
    before = Frontier()
    for position, leaf in leaves(log).items():
        if position <= size - 2:
            before.append(leaf)
    with tampering(log) as connection:
        connection.execute(delete(events).where(events.c.position > size - 2))
        connection.execute(update(head).values(size=size - 2, frontier=before.to_bytes()))

    assert found(log) is None
    assert found(log, signed_roots={size: said[size]}) == Damage(DamageKind.CUT_OFF, size - 1, None, 0)


def test_an_event_beyond_the_head_is_inserted(log: Service) -> None:
    size = size_of(log)
    with tampering(log) as connection:
        last = connection.execute(select(events).where(events.c.position == size)).mappings().one()
        connection.execute(insert(events).values({**last, "position": size + 1, "version": 99}))

    damage = found(log)
    assert damage is not None
    assert (damage.kind, damage.position, damage.sound_until) == (DamageKind.INSERTED, size + 1, size)


def test_a_log_written_anew_with_a_head_that_fits_shows_against_a_checkpoint(log: Service) -> None:
    said = roots(log)
    with tampering(log) as connection:
        ALTERATIONS["time"](connection)
    forged = Frontier()
    for leaf in leaves(log).values():
        forged.append(leaf)
    with tampering(log) as connection:
        connection.execute(update(head).values(frontier=forged.to_bytes()))

    assert found(log) is None
    damage = found(log, signed_roots={6: said[6]})
    assert damage is not None
    assert (damage.kind, damage.position) == (DamageKind.HEAD_MISMATCH, 6)

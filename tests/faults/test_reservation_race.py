"""Promise 4: one user per CPR number and organisation, also when processes race to create them."""

from pathlib import Path

import pytest

from tests.faults.command_process import Outcome, race_for_one_cpr
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.processes import FORKSERVER, running
from tests.stores import EVENTS_OF_ONE, office


def race(url: str, folder: Path, *, processes: int, rounds: int) -> list[tuple[Outcome, ...]]:
    """Return for each round the outcome in each process."""
    start, results = FORKSERVER.Barrier(processes), FORKSERVER.SimpleQueue()
    with running(processes, race_for_one_cpr, lambda _: (url, folder, rounds, start, results)):
        return list(zip(*(results.get() for _ in range(processes)), strict=True))


@pytest.mark.parametrize(("processes", "rounds", "full_rounds"), [(2, 15, 3000), (8, 5, 500)])
def test_of_processes_racing_for_one_cpr_exactly_one_wins(
    tmp_path: Path, store_url: str, processes: int, rounds: int, full_rounds: int, *, full: bool
) -> None:
    rounds = full_rounds if full else rounds
    with office(store_url, tmp_path) as (service, _):
        raced = race(store_url, tmp_path, processes=processes, rounds=rounds)

        for outcomes in raced:
            winners = [user_id for what, user_id in outcomes if what == "won"]
            assert len(winners) == 1, outcomes
            assert sorted(outcomes) == sorted(
                [("won", winners[0])] + [("lost to", winners[0])] * (processes - 1)
            )
        assert assert_log_is_sound(service) == 1 + rounds * EVENTS_OF_ONE

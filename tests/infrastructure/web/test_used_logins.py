"""A ticket is used once by whichever process comes first, on either engine."""

from pathlib import Path

from brugerbog.bootstrap import web_stores
from brugerbog.infrastructure.web.sessions import SessionLimits
from tests.stores import at_once, open_store


def test_of_two_processes_at_once_one_uses_a_ticket(tmp_path: Path, store_url: str) -> None:
    with open_store(store_url, tmp_path) as one, open_store(store_url, tmp_path) as other:
        used = [web_stores(service, SessionLimits()).used_logins for service in (one, other)]
        for number in range(5):
            state = f"tilstand {number}"
            assert sorted(at_once(2, lambda at, state=state: used[at].use(state))) == [False, True]

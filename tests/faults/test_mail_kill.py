"""Promise 8: no mail is lost when a worker is killed; at one point only can a mail be sent twice."""

import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from brugerbog.application.mail.dispatcher import LEASE
from brugerbog.application.mail.outbox import MailState
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.service import Service
from tests.faults.mail_process import AFTER_ACCEPTANCE, BASE, POINTS, send_all, send_and_be_killed
from tests.infrastructure.event_store.queued_mails import ask_for
from tests.mail_server import RecordingMailHandler, serving
from tests.processes import run
from tests.stores import office

MAILS = 3


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_sending_loses_no_mail(
    tmp_path: Path, store_url: str, point: str, *, full: bool
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        for once in range(100 if full else 1):
            asked = [ask_for(service, actor) for _ in range(MAILS)]
            at = once % MAILS
            server = kill_and_finish(service, store_url, tmp_path, point, at + 1)

            assert_links_work(service, server)
            twice = [asked[at]] if point == AFTER_ACCEPTANCE else []
            assert server.ids == Counter(f"<{one.id}@example.org>" for one in asked + twice)
        assert_replay_sends_nothing(service)


def kill_and_finish(service: Service, url: str, folder: Path, point: str, at: int) -> RecordingMailHandler:
    """Kill one worker at its `at`-th mail and let another finish; return the server's handler."""
    server = RecordingMailHandler()
    with serving(server) as port:
        assert run(send_and_be_killed, url, folder, port, point, at) == -signal.SIGKILL
        send_all(service, port)
        send_all(service, port, ahead=LEASE)
    return server


def assert_replay_sends_nothing(service: Service) -> None:
    for status in service.runner.status():
        service.runner.rebuild(status.name)
    server = RecordingMailHandler()
    with serving(server) as port:
        assert send_all(service, port, ahead=2 * LEASE).handled == 0
    counts = StoredOutbox(service.log.backend, service.log.installation_keys).counts()
    assert counts.keys() - {MailState.SENT} == {state for state, count in counts.items() if count == 0}


def assert_links_work(service: Service, server: RecordingMailHandler) -> None:
    """Check that each link in a sent mail has a stored token."""
    outbox, tokens = (
        StoredOutbox(service.log.backend, service.log.installation_keys),
        RandomTokens(),
    )
    for mail in server.accepted:
        body = mail.get_body(("plain",))
        assert body is not None
        (token,) = re.findall(rf"{BASE}/aktivering/(\S+)", body.get_content())
        assert outbox.find_token(tokens.digest(Secret(token)))

"""A round sees each mail through, whatever becomes of the others."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.mail.dispatcher import LEASE, MOST_ATTEMPTS, OutboxDispatcher, wait_after
from brugerbog.application.mail.link_tokens import LinkToken
from brugerbog.application.mail.outbox import LeasedMail
from brugerbog.application.mail.rendering import MailFacts, MailLink, RenderedMail
from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure, TransientMailFailure
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.links import LinkPurpose
from tests.clock import FrozenClock
from tests.null_observer import NULL_OBSERVER

USER, ORGANISATION, ADMINISTRATOR = (UUID(int=number) for number in (1, 2, 3))


class FakePorts:
    """Everything a round works with, in memory; it notes what happens in the order it happens."""

    def __init__(self, *asked: OutboxMessage) -> None:
        self.clock = FrozenClock()
        self.due = [LeasedMail(one, 1, self.clock.now()) for one in asked]
        self.calls: list[tuple[Any, ...]] = []
        self.lines: list[str] = []
        self.facts: MailFacts | None = MailFacts("Ida", "ida@example.org", "Prøve A/S")
        self.failure: Exception | None = None
        self.still_leased = True

    def run(self, limit: int = 100) -> Any:  # noqa: ANN401 - the outcome
        ports: Any = self
        return OutboxDispatcher(
            ports, ports, ports, ports.find_facts, ports, ports.clock, ports, NULL_OBSERVER
        ).run(limit)

    def on_attempt(self, number: int) -> "FakePorts":
        self.due = [LeasedMail(one.message, number, one.until) for one in self.due]
        return self

    def lease(self, now: datetime, limit: int, duration: timedelta) -> list[LeasedMail]:
        assert (now, limit, duration) == (self.clock.now(), 1, LEASE)
        return [self.due.pop(0)] if self.due else []

    def find_facts(self, message: OutboxMessage) -> MailFacts | None:
        self.calls.append(("looked up", message.kind))
        return self.facts

    def new_token(self) -> Secret[str]:
        return Secret("secret")

    def digest(self, token: Secret[str]) -> bytes:
        return f"digest of {token.reveal()}".encode()

    def store_token(self, _: LeasedMail, digest: bytes, token: LinkToken, at: datetime) -> bool:
        assert at == self.clock.now()
        self.calls.append(("stored", digest, token))
        return self.still_leased

    def render(
        self, message: OutboxMessage, facts: MailFacts, token: Secret[str] | None, at: datetime
    ) -> RenderedMail:
        self.calls.append(("rendered", token and token.reveal()))
        return RenderedMail(message.id, message.kind, facts.to_name, facts.to_address, "", "", "", "", at)

    def deliver(self, letter: RenderedMail) -> None:
        self.calls.append(("delivered", letter.kind))
        if self.failure:
            raise self.failure

    def close(self) -> None:
        self.calls.append(("closed",))

    def mark_sent(self, _: LeasedMail, at: datetime) -> None:
        self.calls.append(("sent", at))

    def delay(self, _: LeasedMail, until: datetime, code: int | None) -> None:
        self.calls.append(("delayed", until - self.clock.now(), code))

    def give_up(self, _: LeasedMail, at: datetime, code: int | None) -> None:
        self.calls.append(("given up", at, code))

    def drop(self, mail: LeasedMail) -> None:
        self.calls.append(("dropped", mail.id))

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(f"{event} {fields}")

    warning = info

    @property
    def last_call(self) -> tuple[Any, ...]:
        """What became of the last mail."""
        return self.calls[-2]


def message(kind: MailKind = MailKind.ROLE_GIVEN) -> OutboxMessage:
    return OutboxMessage(kind, USER, USER, 7, ORGANISATION, ADMINISTRATOR)


@pytest.fixture
def ports() -> FakePorts:
    return FakePorts(message())


def test_a_mail_is_looked_up_rendered_delivered_and_marked_in_that_order(ports: FakePorts) -> None:
    assert ports.run().sent == 1

    assert [what for what, *_ in ports.calls] == ["looked up", "rendered", "delivered", "sent", "closed"]


def test_the_digest_of_a_link_is_stored_before_delivery(ports: FakePorts) -> None:
    ports.facts = MailFacts("Ida", "ida@example.org", "Prøve A/S", link=MailLink(LinkPurpose.ACTIVATION, 3))

    ports.run()

    stored = ("stored", b"digest of secret", LinkToken(USER, LinkPurpose.ACTIVATION, 3))
    assert ports.calls[1:4] == [stored, ("rendered", "secret"), ("delivered", MailKind.ROLE_GIVEN)]


def test_a_worker_without_the_lease_sends_no_link(ports: FakePorts) -> None:
    ports.facts = MailFacts("Ida", "ida@example.org", "Prøve A/S", link=MailLink(LinkPurpose.ACTIVATION, 3))
    ports.still_leased = False

    assert ports.run().lost_claim == 1

    assert "delivered" not in {what for what, *_ in ports.calls}


def test_a_mail_that_no_longer_applies_is_dropped(ports: FakePorts) -> None:
    ports.facts = None

    assert ports.run().dropped == 1

    assert ports.last_call == ("dropped", message().id)


@pytest.mark.parametrize("code", [550, FailureCode.NOT_ASCII])
def test_a_permanent_failure_makes_a_mail_dead_with_the_code(ports: FakePorts, code: int) -> None:
    ports.failure = PermanentMailFailure(code)

    assert ports.run().dead == 1

    assert ports.last_call == ("given up", ports.clock.now(), code)


@pytest.mark.parametrize("code", [451, None])
def test_a_transient_failure_delays_a_mail_by_a_minute(ports: FakePorts, code: int | None) -> None:
    ports.failure = TransientMailFailure(code)

    assert ports.run().delayed == 1

    assert ports.last_call == ("delayed", timedelta(minutes=1), code)


def test_the_wait_doubles_up_to_six_hours() -> None:
    waits = [wait_after(attempt) // timedelta(minutes=1) for attempt in range(1, MOST_ATTEMPTS)]

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_after_twelve_attempts_a_mail_is_dead(ports: FakePorts) -> None:
    ports.on_attempt(12).failure = TransientMailFailure(451)

    assert ports.run().dead == 1

    assert ports.last_call == ("given up", ports.clock.now(), 451)


def test_a_mail_with_too_many_unfinished_attempts_is_dead(ports: FakePorts) -> None:
    ports.on_attempt(13).run()

    assert ports.calls == [("given up", ports.clock.now(), FailureCode.NEVER_FINISHED), ("closed",)]


def test_a_mail_that_fails_to_render_is_delayed_and_others_are_sent() -> None:
    ports = FakePorts(message(MailKind.ROLE_GIVEN), message(MailKind.ROLE_TAKEN))
    render = ports.render

    def render_or_fail(message: OutboxMessage, *others: Any) -> RenderedMail:  # noqa: ANN401 - as they are
        if message.kind is MailKind.ROLE_GIVEN:
            raise KeyError("Ida Prøve")
        return render(message, *others)

    ports.render = render_or_fail  # type: ignore[method-assign]
    result = ports.run()

    assert (result.delayed, result.sent) == (1, 1)
    assert ("delayed", timedelta(minutes=1), FailureCode.INTERNAL_ERROR) in ports.calls


def test_an_unavailable_transport_ends_the_run() -> None:
    ports = FakePorts(message(MailKind.ROLE_GIVEN), message(MailKind.ROLE_TAKEN))
    ports.failure = TransientMailFailure(transport_unavailable=True)

    result = ports.run()

    assert (result.delayed, result.unreached, len(ports.due)) == (1, True, 1)


def test_a_run_sends_no_more_than_its_limit() -> None:
    ports = FakePorts(*[message()] * 5)

    assert ports.run(limit=2).handled == 2
    assert len(ports.due) == 3


def test_log_lines_have_no_personal_data(ports: FakePorts) -> None:
    ports.failure = RuntimeError("550 ida@example.org is unknown here")
    ports.run()

    assert any("RuntimeError" in line for line in ports.lines)
    assert not any("ida" in line.casefold() or "550" in line for line in ports.lines)


def test_a_failing_log_leaves_the_mail_sent(ports: FakePorts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: str, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(ports, "info", full)

    assert ports.run().sent == 1
    assert ports.last_call == ("sent", datetime(2026, 3, 20, 11, tzinfo=UTC))

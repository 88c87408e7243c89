"""A round sees each mail through, whatever becomes of the others."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.mail.dispatcher import LEASE, MOST_ATTEMPTS, OutboxDispatcher, wait_after
from brugerbog.application.mail.outbox import (
    LeasedMail,
    LinkToken,
    MailDelayed,
    MailFacts,
    MailKind,
    MailLink,
    MailRefused,
    OutboxMessage,
    OwnCode,
    RenderedMail,
)
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.links import LinkPurpose
from tests.clock import FrozenClock
from tests.unwatched import UNWATCHED

USER, ORGANISATION, ADMINISTRATOR = (UUID(int=number) for number in (1, 2, 3))


class Desk:
    """Everything a round works with, in memory; it notes what happens in the order it happens."""

    def __init__(self, *asked: OutboxMessage) -> None:
        self.clock = FrozenClock()
        self.due = [LeasedMail(one, 1, self.clock.now()) for one in asked]
        self.happened: list[tuple[Any, ...]] = []
        self.lines: list[str] = []
        self.facts: MailFacts | None = MailFacts("Ida", "ida@example.org", "Prøve A/S")
        self.trouble: Exception | None = None
        self.still_mine = True

    def run(self, limit: int = 100) -> Any:  # noqa: ANN401 - the outcome
        desk: Any = self
        return OutboxDispatcher(desk, desk, desk, desk.compose, desk, desk.clock, desk, UNWATCHED).run(limit)

    def on_attempt(self, number: int) -> "Desk":
        self.due = [LeasedMail(one.intent, number, one.until) for one in self.due]
        return self

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[LeasedMail]:
        assert (now, limit, lease) == (self.clock.now(), 1, LEASE)
        return [self.due.pop(0)] if self.due else []

    def compose(self, intent: OutboxMessage) -> MailFacts | None:
        self.happened.append(("composed", intent.kind))
        return self.facts

    def new_token(self) -> Secret[str]:
        return Secret("secret")

    def digest(self, token: Secret[str]) -> bytes:
        return f"digest of {token.reveal()}".encode()

    def keep_token(self, _: LeasedMail, digest: bytes, token: LinkToken, at: datetime) -> bool:
        assert at == self.clock.now()
        self.happened.append(("kept", digest, token))
        return self.still_mine

    def write(
        self, intent: OutboxMessage, facts: MailFacts, token: Secret[str] | None, at: datetime
    ) -> RenderedMail:
        self.happened.append(("written", token and token.reveal()))
        return RenderedMail(intent.id, intent.kind, facts.to_name, facts.to_address, "", "", "", "", at)

    def deliver(self, letter: RenderedMail) -> None:
        self.happened.append(("delivered", letter.kind))
        if self.trouble:
            raise self.trouble

    def rest(self) -> None:
        self.happened.append(("rested",))

    def sent(self, _: LeasedMail, at: datetime) -> None:
        self.happened.append(("sent", at))

    def delay(self, _: LeasedMail, until: datetime, code: int | None) -> None:
        self.happened.append(("delayed", until - self.clock.now(), code))

    def give_up(self, _: LeasedMail, at: datetime, code: int | None) -> None:
        self.happened.append(("given up", at, code))

    def drop(self, mail: LeasedMail) -> None:
        self.happened.append(("dropped", mail.id))

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(f"{event} {fields}")

    warning = info

    @property
    def end(self) -> tuple[Any, ...]:
        """What became of the last mail."""
        return self.happened[-2]


def intent(kind: MailKind = MailKind.ROLE_GIVEN) -> OutboxMessage:
    return OutboxMessage(kind, USER, USER, 7, ORGANISATION, ADMINISTRATOR)


@pytest.fixture
def desk() -> Desk:
    return Desk(intent())


def test_a_mail_is_composed_written_delivered_and_marked_in_that_order(desk: Desk) -> None:
    assert desk.run().sent == 1

    assert [what for what, *_ in desk.happened] == ["composed", "written", "delivered", "sent", "rested"]


def test_the_digest_of_a_link_is_kept_before_anybody_can_have_the_link(desk: Desk) -> None:
    desk.facts = MailFacts("Ida", "ida@example.org", "Prøve A/S", link=MailLink(LinkPurpose.ACTIVATION, 3))

    desk.run()

    kept = ("kept", b"digest of secret", LinkToken(USER, LinkPurpose.ACTIVATION, 3))
    assert desk.happened[1:4] == [kept, ("written", "secret"), ("delivered", MailKind.ROLE_GIVEN)]


def test_whoever_has_lost_his_claim_sends_no_link(desk: Desk) -> None:
    desk.facts = MailFacts("Ida", "ida@example.org", "Prøve A/S", link=MailLink(LinkPurpose.ACTIVATION, 3))
    desk.still_mine = False

    assert desk.run().lost_claim == 1

    assert "delivered" not in {what for what, *_ in desk.happened}


def test_what_has_become_pointless_is_dropped(desk: Desk) -> None:
    desk.facts = None

    assert desk.run().dropped == 1

    assert desk.end == ("dropped", intent().id)


@pytest.mark.parametrize("code", [550, OwnCode.NOT_ASCII])
def test_a_mail_that_is_refused_is_dead_at_once_with_the_code(desk: Desk, code: int) -> None:
    desk.trouble = MailRefused(code)

    assert desk.run().dead == 1

    assert desk.end == ("given up", desk.clock.now(), code)


@pytest.mark.parametrize("code", [451, None])
def test_a_mail_that_is_not_taken_now_is_tried_again_in_a_minute(desk: Desk, code: int | None) -> None:
    desk.trouble = MailDelayed(code)

    assert desk.run().delayed == 1

    assert desk.end == ("delayed", timedelta(minutes=1), code)


def test_the_wait_doubles_up_to_six_hours() -> None:
    waits = [wait_after(attempt) // timedelta(minutes=1) for attempt in range(1, MOST_ATTEMPTS)]

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_after_twelve_attempts_a_mail_is_dead(desk: Desk) -> None:
    desk.on_attempt(12).trouble = MailDelayed(451)

    assert desk.run().dead == 1

    assert desk.end == ("given up", desk.clock.now(), 451)


def test_a_mail_that_every_worker_died_of_is_dead_without_another_try(desk: Desk) -> None:
    desk.on_attempt(13).run()

    assert desk.happened == [("given up", desk.clock.now(), OwnCode.NEVER_FINISHED), ("rested",)]


def test_a_mail_that_can_not_be_written_waits_and_the_others_go_on() -> None:
    desk = Desk(intent(MailKind.ROLE_GIVEN), intent(MailKind.ROLE_TAKEN))
    write = desk.write

    def write_or_fail(intent: OutboxMessage, *others: Any) -> RenderedMail:  # noqa: ANN401 - as they are
        if intent.kind is MailKind.ROLE_GIVEN:
            raise KeyError("Ida Prøve")
        return write(intent, *others)

    desk.write = write_or_fail  # type: ignore[method-assign]
    outcome = desk.run()

    assert (outcome.delayed, outcome.sent) == (1, 1)
    assert ("delayed", timedelta(minutes=1), OwnCode.NOT_WRITTEN) in desk.happened


def test_while_nothing_can_be_handed_over_the_round_ends() -> None:
    desk = Desk(intent(MailKind.ROLE_GIVEN), intent(MailKind.ROLE_TAKEN))
    desk.trouble = MailDelayed(unreached=True)

    outcome = desk.run()

    assert (outcome.delayed, outcome.unreached, len(desk.due)) == (1, True, 1)


def test_a_round_takes_no_more_than_it_was_told() -> None:
    desk = Desk(*[intent()] * 5)

    assert desk.run(limit=2).handled == 2
    assert len(desk.due) == 3


def test_log_lines_name_nobody(desk: Desk) -> None:
    desk.trouble = RuntimeError("550 ida@example.org is unknown here")
    desk.run()

    assert any("RuntimeError" in line for line in desk.lines)
    assert not any("ida" in line.casefold() or "550" in line for line in desk.lines)


def test_a_log_that_fails_leaves_the_mail_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: str, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(desk, "info", full)

    assert desk.run().sent == 1
    assert desk.end == ("sent", datetime(2026, 3, 20, 11, tzinfo=UTC))

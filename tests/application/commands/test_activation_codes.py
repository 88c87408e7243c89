"""The temporary code of a user known by birth date: shown once, three tries, only its hash stored."""

import logging
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.commands.execution import CommandResult
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation_code import (
    CodeMissing,
    CodeTriedMeanwhile,
    CodeVoid,
    CodeWrong,
    NoCodeNeeded,
)
from brugerbog.domain.user.identity_confirmation import IdentityNotConfirmed
from brugerbog.domain.user.links import LinkVoided
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import activation_codes
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.org_driver import BORN, OrgDriver, open_org, write_file
from tests.people import made_up_cpr
from tests.stores import at_once, rows

NEW = NewUser(first_name="Ida", surname="Prøve", email="ida@by.test", date_of_birth=BORN)
WRONG = "2222-2222-2222"


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


@pytest.fixture
def post(org: OrgDriver) -> CapturedMails:
    return CapturedMails(org)


def create(org: OrgDriver, **named: Any) -> tuple[UUID, str]:  # noqa: ANN401 - of the command
    """Ida and her code."""
    answer = org.administration.create_user(org.actor, NEW, **named)
    assert answer.subject
    assert answer.code
    return answer.subject, answer.code


def confirmed(org: OrgDriver, user_id: UUID, post: CapturedMails | None = None) -> str:
    """Her link, opened with her identity."""
    token = (post or CapturedMails(org)).token(user_id)
    org.service.self_service.confirm_identity(token, PretendedIdentity())
    return token


def give(org: OrgDriver, token: str, code: str) -> str:
    """What comes of a code: `accepted`, or the code of a refusal."""
    try:
        org.service.self_service.enter_code(token, code)
    except Refusal as refusal:
        return refusal.code
    return "accepted"


def tries(org: OrgDriver) -> Counter[str]:
    told = org.service.log.events_until(org.id, org.clock.now())
    kinds = (User.ActivationCodeMistyped, User.ActivationCodeVoided, User.ActivationCodeAccepted)
    return Counter(type(event).__name__ for _, event in told if isinstance(event, kinds))


THREE = {"ActivationCodeMistyped": 3, "ActivationCodeVoided": 1}


# Shown once


def test_the_code_opens_the_way_with_link_and_identity(org: OrgDriver, post: CapturedMails) -> None:
    user_id, code = create(org)
    token, door = confirmed(org, user_id, post), org.service.self_service
    assert door.open_activation(token).needs_code
    with pytest.raises(CodeMissing):
        door.activate(token)

    assert give(org, token, f" {code.lower().replace('-', ' ')} ") == "accepted"

    assert not door.open_activation(token).needs_code
    door.activate(token)
    assert org.show(user_id).status is Status.ACTIVE


def test_only_users_sent_without_a_cpr_number_get_a_code(org: OrgDriver, tmp_path: Path) -> None:
    (known,) = org.import_people(tmp_path, 1)
    row = {"Aktion": "C", "Fornavn": "Ada", "Efternavn": "A", "E-mail": "ada@by.test", "TargetIAL": "3"}
    write_file(tmp_path / "b.csv", [row | {"Foedselsdato": f"{BORN:%d%m%Y}"}])
    org.administration.import_users(org.actor, tmp_path / "b.csv")
    (nameless,) = org.ids(search="ada")

    codes = [org.administration.send_to_activation(org.actor, one).code for one in (known, nameless)]

    assert codes[0] is None
    assert codes[1] is not None
    assert len(codes[1].replace("-", "")) == 12


def test_a_repeat_of_the_command_shows_that_the_code_was_shown(org: OrgDriver) -> None:
    command_id = uuid4()
    user_id, code = create(org, command_id=command_id)

    again = org.administration.create_user(org.actor, NEW, command_id=command_id)

    assert (again.subject, again.code, again.code_already_shown) == (user_id, None, True)
    assert code not in repr(again)


def test_a_printed_result_does_not_show_its_code(org: OrgDriver) -> None:
    answer = org.administration.create_user(org.actor, NEW)

    assert answer.code
    assert answer.code not in f"{answer!r}{answer}"


# Three tries


def test_the_third_wrong_code_voids_it_and_the_administrators_word_is_asked(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id, code = create(org)
    token = confirmed(org, user_id, post)

    said = []
    for _ in range(4):
        with pytest.raises((CodeWrong, CodeVoid)) as refusal:
            org.service.self_service.enter_code(token, WRONG)
        said.append(getattr(refusal.value, "tries_left", refusal.type))

    assert said == [2, 1, CodeVoid, CodeVoid]
    assert give(org, token, code) == "code_void"
    assert tries(org) == THREE
    assert [letter.kind for letter in post.dispatch()] == [MailKind.ACTIVATION, MailKind.CODE_VOIDED]


def test_an_opened_link_shows_the_remaining_tries(org: OrgDriver) -> None:
    user_id, code = create(org)
    token, door = confirmed(org, user_id), org.service.self_service

    told = [door.open_activation(token).tries_left]
    for typed in (WRONG, code):
        give(org, token, typed)
        told.append(door.open_activation(token).tries_left)

    assert told == [3, 2, 0]


def test_a_wrong_code_that_is_sent_twice_is_one_try(org: OrgDriver) -> None:
    user_id, code = create(org)
    token, door = confirmed(org, user_id), org.service.self_service

    with pytest.raises(CodeWrong):
        door.enter_code(token, WRONG, tries_left=3)
    with pytest.raises(CodeTriedMeanwhile) as refusal:
        door.enter_code(token, WRONG, tries_left=3)

    assert refusal.value.tries_left == door.open_activation(token).tries_left == 2
    door.enter_code(token, code, tries_left=2)


def test_the_right_code_is_used_up(org: OrgDriver) -> None:
    user_id, code = create(org)
    token = confirmed(org, user_id)

    assert [give(org, token, code) for _ in range(2)] == ["accepted", "code_void"]
    assert rows(org.service, activation_codes) == []


def test_who_has_not_proved_their_identity_uses_up_no_try(org: OrgDriver, post: CapturedMails) -> None:
    user_id, _ = create(org)
    token = post.token(user_id)

    for _ in range(5):
        with pytest.raises(IdentityNotConfirmed):
            org.service.self_service.enter_code(token, WRONG)

    assert tries(org) == {}


def test_who_is_known_by_cpr_number_needs_none(org: OrgDriver, post: CapturedMails) -> None:
    cpr = made_up_cpr(BORN, 0)
    token = post.token(org.create(cpr=cpr))
    org.service.self_service.confirm_identity(token, PretendedIdentity(cpr=cpr))

    with pytest.raises(NoCodeNeeded):
        org.service.self_service.enter_code(token, WRONG)


@pytest.mark.parametrize("typed", ["", " ", "2" * 10_000, "\ud800", "ÆØÅ", "\x00"], ids=ascii)
def test_whatever_is_typed_is_a_try(org: OrgDriver, typed: str) -> None:
    user_id, _ = create(org)

    assert give(org, confirmed(org, user_id), typed) == "code_wrong"


def test_wrong_codes_from_many_at_once_are_never_more_than_three_tries(
    store_url: str, tmp_path: Path
) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id, code = create(org)
        token = confirmed(org, user_id)

        told = at_once(8, lambda _: give(org, token, WRONG))

        assert Counter(told) == {"code_wrong": 2, "code_void": 6}
        assert tries(org) == THREE
        assert give(org, token, code) == "code_void"


def test_right_and_wrong_codes_at_once_end_in_one_or_the_other(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id, code = create(org)
        token = confirmed(org, user_id)

        told = at_once(6, lambda number: give(org, token, WRONG if number % 2 else code))

        recorded = tries(org)
        assert recorded["ActivationCodeAccepted"] == told.count("accepted") <= 1
        assert recorded["ActivationCodeMistyped"] <= 3
        assert recorded["ActivationCodeAccepted"] + recorded["ActivationCodeVoided"] == 1


def test_tries_are_counted_over_a_restart(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id, code = create(org)
        token = confirmed(org, user_id)
        assert [give(org, token, WRONG) for _ in range(2)] == ["code_wrong"] * 2
    with open_org(store_url, tmp_path) as org:
        assert [give(org, token, one) for one in (WRONG, code)] == ["code_void"] * 2


# A new code


def test_a_new_code_voids_the_old_one_and_its_link_and_counts_anew(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id, old = create(org)
    first = confirmed(org, user_id, post)
    assert [give(org, first, WRONG) for _ in range(2)] == ["code_wrong"] * 2

    new = org.administration.issue_code(org.actor, user_id).code
    assert new
    with pytest.raises(LinkVoided):
        org.service.self_service.enter_code(first, new)
    token = confirmed(org, user_id, post)

    assert [give(org, token, one) for one in (old, WRONG, new)] == ["code_wrong", "code_wrong", "accepted"]


def test_a_resent_mail_leaves_the_code_as_it_is(org: OrgDriver, post: CapturedMails) -> None:
    user_id, code = create(org)
    org.administration.resend_activation_mail(org.actor, user_id)

    assert give(org, confirmed(org, user_id, post), code) == "accepted"


def test_a_cpr_number_added_makes_the_code_needless(org: OrgDriver, post: CapturedMails) -> None:
    user_id, _ = create(org)
    cpr = made_up_cpr(BORN, 0)
    org.edit(user_id, cpr=cpr)
    token = post.token(user_id)
    org.service.self_service.confirm_identity(token, PretendedIdentity(cpr=cpr))

    assert not org.service.self_service.open_activation(token).needs_code
    org.service.self_service.activate(token)
    assert rows(org.service, activation_codes) == []


@pytest.mark.parametrize("end", ["activated by the operator", "deleted", "kept after deletion"])
def test_the_hash_of_a_code_no_longer_needed_is_deleted(org: OrgDriver, end: str) -> None:
    user_id, _ = create(org)
    if end == "activated by the operator":
        org.administration.activate_user(org.actor, user_id)
    else:
        days = 30 if end == "kept after deletion" else 0
        org.administration.change_settings(org.actor, {"erasure_retention_days": days})
        org.delete(user_id)

    assert rows(org.service, activation_codes) == []


# Nowhere in the clear


def spellings(secret: str) -> list[bytes]:
    plain = secret.encode()
    packed = secret.replace("-", "").encode()
    return [
        one
        for text in (plain, packed, plain.lower(), packed.lower())
        for one in (
            text,
            text.hex().encode(),
            b64encode(text).rstrip(b"="),
            urlsafe_b64encode(text).rstrip(b"="),
            text.decode().encode("utf-16-le"),
        )
    ]


def test_code_and_links_are_in_no_file_and_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = tmp_path / "store"
    store.mkdir()
    with open_org(f"sqlite:///{store / 'store.db'}", store) as org:
        user_id, code = create(org, command_id=uuid4())
        post, door = CapturedMails(org), org.service.self_service
        first = confirmed(org, user_id, post)
        give(org, first, WRONG)
        second_code = org.administration.issue_code(org.actor, user_id, command_id=uuid4()).code
        assert second_code
        second = confirmed(org, user_id, post)
        for _ in range(3):
            give(org, second, code)
        with pytest.raises(LinkVoided) as void:
            door.open_activation(first)
        working = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    closed = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}

    secrets = [one for secret in (code, second_code, first, second) for one in spellings(secret)]
    told = f"{caplog.text} {void.value!r} {void.value.message} {CommandResult(1, None, code)}".encode()
    for name, content in [*working.items(), *closed.items(), ("what was told", told)]:
        assert not [one for one in secrets if one in content], name
    assert len(closed) >= 4

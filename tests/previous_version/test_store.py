"""This version opens the store of the previous version, answers from it and writes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.previous_version.differences import differences
from tests.previous_version.installation import Installation
from tests.previous_version.requests import shape

ABOUT_THE_PLACE = ("keys", "doctor")
"""Questions whose answers name folders, times of the machine and keys of one copy."""

NEVER_THE_SAME = frozenset({"next", "seconds", "events_per_second"})
"""Members of answers that are sealed anew or measured each time."""

FEWER = ("organisation", "users", "report")
"""The questions asked on PostgreSQL, where each call takes longer."""


def done(at: Installation, *arguments: str, stdin: str = "") -> dict[str, Any]:
    """Make a call that must succeed; returns its answer."""
    called = at.call(*arguments, stdin=stdin)
    assert called["exit_code"] == 0, called["answer"]
    answer: dict[str, Any] = called["answer"]
    return answer


def events(at: Installation) -> int:
    """Return the size of the log."""
    return max(one["position"] for one in done(at, "projections", "status")["projections"])


def test_the_read_tables_equal_those_built_anew(at: Installation) -> None:
    assert done(at, "projections", "verify")["equal"] is True


def test_every_question_is_answered_as_the_version_before_answered_it(
    at: Installation, recorded: dict[str, Any]
) -> None:
    questions = recorded["questions"]
    if at.is_on_server:
        questions = [one for one in questions if one["arguments"][0] in FEWER]
    lost = []
    for question in questions:
        before, now = question["answer"], at.call(*question["arguments"])["answer"]
        if question["arguments"][0] in ABOUT_THE_PLACE:
            before, now = shape(before), shape(now)
        for answer in (before, now):
            leave_out_readings(answer)
        lost += differences(before, now, place=" ".join(question["arguments"]), ignoring=NEVER_THE_SAME)
    assert not lost, "\n".join(lost)


def leave_out_readings(answer: dict[str, Any]) -> None:
    """Leave out the random ids of the entries that record a reading of the log."""
    for entry in answer.get("entries", ()):
        if entry["kind"] == "log.read":
            entry.update(command_id=None, correlation_id=None)


def test_a_command_that_is_sent_again_is_known_again(at: Installation, recorded: dict[str, Any]) -> None:
    before, lost = events(at), []
    for command in recorded["repeated"][:: 8 if at.is_on_server else 1]:
        again = at.call(*command["arguments"], stdin=command["stdin"])
        lost += differences(command, again, place=" ".join(command["arguments"]))
    assert not lost, "\n".join(lost)
    assert events(at) == before


def test_another_command_under_the_same_id_is_refused(at: Installation, recorded: dict[str, Any]) -> None:
    command = next(one for one in recorded["commands"] if one["arguments"][:2] == ["users", "edit"])
    phone = command["arguments"].index("87654321")
    arguments = [*command["arguments"][:phone], "87654322", *command["arguments"][phone + 1 :]]
    assert at.call(*arguments)["answer"]["error"]["code"] == "command_id_reused"


def test_a_link_that_was_mailed_activates(at: Installation, recorded: dict[str, Any]) -> None:
    link = f"{recorded['links']['Gerda']}\n"
    done(at, "self-service", "confirm-identity", "--pretend", stdin=f"{link}{recorded['cpr']['Gerda']}\n")
    done(at, "self-service", "activate", "app", stdin=link)
    assert done(at, "users", "show", recorded["ids"]["Gerda"], *in_(recorded))["status"] == "active"


def test_a_code_that_was_handed_over_is_accepted(at: Installation, recorded: dict[str, Any]) -> None:
    link = f"{recorded['links']['Hans']}\n"
    done(at, "self-service", "confirm-identity", "--pretend", "--date-of-birth", recorded["born"], stdin=link)
    done(at, "self-service", "enter-code", stdin=f"{link}{recorded['codes']['Hans']}\n")
    done(at, "self-service", "activate", "shared", stdin=link)
    assert done(at, "users", "show", recorded["ids"]["Hans"], *in_(recorded))["status"] == "active"


def test_a_session_goes_on(at: Installation, recorded: dict[str, Any]) -> None:
    with at.browser() as browser:
        browser.cookies.update(recorded["cookies"]["postgres" if at.is_on_server else "sqlite"])
        page = browser.get("/brugere", headers={"sec-fetch-site": "same-origin"})
    assert page.status_code == 200
    assert "Gerda" in page.text


def test_new_commands_and_mails_that_wait_are_carried_out(at: Installation, recorded: dict[str, Any]) -> None:
    bo = recorded["ids"]["Bo"]
    edited = done(
        at, "users", "edit", bo, "--phone", "11223344", "--as", recorded["ids"]["Anne"], *in_(recorded)
    )
    assert edited["phone"] == "11223344"
    done(at, "worker", "--once")
    assert at.link_to("inger@kommune.test")


def test_what_falls_due_is_recorded(at: Installation, recorded: dict[str, Any]) -> None:
    at.now += timedelta(days=45)
    done(at, "worker", "--once")
    shown = {
        name: done(at, "users", "show", recorded["ids"][name], *in_(recorded))
        for name in ("Helle", "Carl", "Gerda")
    }
    assert shown["Helle"]["first_name"] == "Slettet bruger"
    assert shown["Carl"]["status"] == "active"
    assert shown["Gerda"]["status"] == "pending"
    assert shown["Gerda"]["link_has_expired"]
    assert done(at, "audit", "verify", "--boxes")["sound"] is True


def in_(recorded: dict[str, Any]) -> tuple[str, str]:
    return "--organisation", recorded["cvr"]

"""What is read out of a broker's claims, and what is not."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from brugerbog.entrypoints.web.login.broker_claims import Claims, LevelTooLow
from brugerbog.infrastructure.web.oidc_client import LoginFailed
from brugerbog.infrastructure.web.settings import OidcSettings
from tests.org_driver import BORN
from tests.people import made_up_cpr

NAMES = {"cvr": "cvr", "uuid": "uuid", "level": "loa", "cpr": "cpr", "birthdate": "birthdate"}
IDA = UUID("0123456789ab4def8123456789abcdef")
TODAY = date(2026, 3, 20)


def claims(said: dict[str, Any], **names: str) -> Claims:
    settings = OidcSettings(issuer="https://broker.test/op", client_id="brugerbog", claims=NAMES | names)
    return Claims({"loa": "high"} | said, settings)


def cvr(said: dict[str, Any], name: str) -> str:
    return claims({"uuid": IDA.hex} | said, cvr=name).cvr_and_user_id()[0]


def test_a_claim_is_found_by_its_name_first_and_then_by_a_path() -> None:
    nested = {"dk": {"cvr": "90000002"}}
    assert cvr(nested, "dk.cvr") == "90000002"
    assert cvr(nested | {"dk.cvr": "90000001"}, "dk.cvr") == "90000001"
    assert cvr({"https://data.gov.dk/cvr": "90000001"}, "https://data.gov.dk/cvr") == "90000001"


@pytest.mark.parametrize(
    "said", [{}, {"dk": "90000001"}, {"dk": {}}, {"dk": {"cvr": {"a": "b"}}}, {"dk": {"cvr": True}},
             {"dk": {"cvr": ["90000001", "90000002"]}}, {"dk": {"cvr": 1.5}}]
)  # fmt: skip
def test_what_is_no_single_word_is_no_claim(said: dict[str, Any]) -> None:
    with pytest.raises(LoginFailed, match="claims_missing"):
        cvr(said, "dk.cvr")


@pytest.mark.parametrize("said", [" 90000001", 90000001, ["90000001"]])
def test_a_word_may_be_a_number_or_alone_in_a_list(said: object) -> None:
    assert cvr({"cvr": said}, "cvr") == "90000001"


@pytest.mark.parametrize("level", ["", "x/low", "2", "substantial/", "ubstantial"])
def test_a_level_below_the_least_or_unknown_is_too_low(level: str) -> None:
    with pytest.raises(LevelTooLow):
        claims({"loa": level}).assurance_level()


def test_a_person_is_shown_by_their_birth_date_their_cpr_number_or_both() -> None:
    cpr = made_up_cpr(BORN, 0)
    both = claims({"cpr": f"{cpr[:6]}-{cpr[6:]}", "birthdate": BORN.isoformat()}).proof_of_identity(
        today=TODAY
    )
    by_number, by_date = (
        claims(said).proof_of_identity(today=TODAY)
        for said in ({"cpr": cpr}, {"birthdate": BORN.isoformat()})
    )
    assert (both.cpr, both.date_of_birth) == (by_number.cpr, by_number.date_of_birth) == (cpr, BORN)
    assert (by_date.cpr, by_date.date_of_birth) == (None, BORN)
    assert both.broker == "broker.test"
    assert cpr not in repr(both)


@pytest.mark.parametrize(
    "said",
    [
        {"cpr": "123"},
        {"cpr": "3002801111"},
        {"birthdate": "1961"},
        {"cpr": made_up_cpr(BORN, 0), "birthdate": "i går"},
    ],
)
def test_a_person_is_not_guessed(said: dict[str, str]) -> None:
    with pytest.raises(LoginFailed, match="person_unreadable"):
        claims(said).proof_of_identity(today=TODAY)


def test_a_broker_that_says_neither_has_proved_nobody() -> None:
    with pytest.raises(LoginFailed, match="claims_missing"):
        claims({}).proof_of_identity(today=TODAY)

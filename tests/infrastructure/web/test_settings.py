"""What BRUGERBOG_* says of the pages and of the broker."""

from datetime import timedelta
from pathlib import Path

import pytest

from brugerbog.application.refusals.configuration import (
    MailSettingInvalid,
    WebSettingInvalid,
    WebSettingMissing,
)
from brugerbog.domain.values.means import Ial
from brugerbog.infrastructure.web.settings import (
    STANDARD_CLAIMS,
    OidcSettings,
    WebSettings,
    read_web_settings,
)

BASE = {"BRUGERBOG_BASE_URL": "https://brugere.test"}
BROKER = BASE | {"BRUGERBOG_OIDC_ISSUER": "https://broker.test/op", "BRUGERBOG_OIDC_CLIENT_ID": "brugerbog"}


def oidc(**said: str) -> OidcSettings:
    told = read_web_settings(BROKER | {f"BRUGERBOG_OIDC_{name.upper()}": one for name, one in said.items()})
    assert told.oidc is not None
    return told.oidc


def test_an_address_is_enough_for_pages_without_a_broker() -> None:
    told = read_web_settings(BASE)
    assert told == WebSettings("https://brugere.test")
    assert (told.limits.idle, told.limits.absolute) == (timedelta(minutes=30), timedelta(hours=8))
    assert (told.is_secure, told.origin, told.oidc) == (True, "https://brugere.test", None)


def test_an_address_must_be_said() -> None:
    with pytest.raises(WebSettingMissing, match="BRUGERBOG_BASE_URL"):
        read_web_settings({})


def test_a_server_may_know_its_own_address() -> None:
    assert read_web_settings({}, served_at="http://127.0.0.1:8000").is_secure is False
    assert read_web_settings(BASE, served_at="http://127.0.0.1:8000").base_url == "https://brugere.test"


@pytest.mark.parametrize("address", ["http://brugere.test", "brugere.test", "https://brugere.test/?a=b"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(MailSettingInvalid):
        read_web_settings({"BRUGERBOG_BASE_URL": address})


def test_pages_stand_at_the_top_of_their_host() -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_BASE_URL"):
        read_web_settings({"BRUGERBOG_BASE_URL": "https://brugere.test/sider"})


def test_how_long_one_stays_logged_in_is_a_setting() -> None:
    told = read_web_settings(
        BASE | {"BRUGERBOG_SESSION_IDLE_MINUTES": "15", "BRUGERBOG_SESSION_HOURS": " 4 "}
    )
    assert (told.limits.idle, told.limits.absolute) == (timedelta(minutes=15), timedelta(hours=4))


@pytest.mark.parametrize("written", ["0", "-1", "1,5", "evigt", "100000", "\uff11"])
@pytest.mark.parametrize("name", ["BRUGERBOG_SESSION_IDLE_MINUTES", "BRUGERBOG_SESSION_HOURS"])
def test_and_never_without_end(name: str, written: str) -> None:
    with pytest.raises(WebSettingInvalid, match=name):
        read_web_settings(BASE | {name: written})


def test_a_broker_is_asked_for_the_least_unless_more_is_said() -> None:
    # ASVS 5.0, 10.2.3
    told = oidc()
    assert (told.issuer, told.client_id, told.client_secret) == ("https://broker.test/op", "brugerbog", None)
    assert (told.scopes, told.identity_scopes) == ("openid", "openid")
    assert (told.parameters, told.identity_parameters) == ({}, {"prompt": "login", "max_age": "0"})
    assert (told.claims, told.minimum_level) == (STANDARD_CLAIMS, Ial.SUBSTANTIAL)


def test_a_slash_at_the_end_of_an_issuer_stays() -> None:
    assert oidc(issuer="https://broker.test/").issuer == "https://broker.test/"


@pytest.mark.parametrize("local", ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"])
def test_a_broker_on_this_machine_may_do_without_tls(local: str) -> None:
    assert oidc(issuer=local).issuer == local


@pytest.mark.parametrize(
    "issuer",
    [
        "http://broker.test",
        "broker.test",
        "https://",
        "https://[",
        "https://ib:kode@broker.test",
        "https://broker.test?a=b",
        "https://broker.test#a",
        "https://broker.test/a b",
        "ftp://broker.test",
    ],
)
def test_an_issuer_that_cannot_be_one_is_refused(issuer: str) -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_ISSUER"):
        oidc(issuer=issuer)


def test_we_must_be_somebody_to_the_broker() -> None:
    with pytest.raises(WebSettingMissing, match="BRUGERBOG_OIDC_CLIENT_ID"):
        oidc(client_id=" ")


def test_the_secret_lies_in_a_file_and_is_shown_by_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hemmelig\n", "utf-8")
    told = oidc(client_secret_file=str(tmp_path / "secret"))
    assert told.client_secret is not None
    assert told.client_secret.reveal() == "hemmelig"
    assert "hemmelig" not in repr(told)


@pytest.mark.parametrize("content", [None, b" \n", b"\xff"])
def test_a_secret_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_CLIENT_SECRET_FILE"):
        oidc(client_secret_file=str(tmp_path / "secret"))


def test_scopes_and_parameters_are_asked_for_as_said() -> None:
    told = oidc(
        scopes="openid  nemlogin",
        identity_scopes="openid mitid ssn",
        parameters="idp_values=mitid_erhverv&acr_values=urn%3Adk%3Asubstantial",
        identity_parameters="idp_values=mitid&prompt=select_account",
    )
    assert (told.scopes, told.identity_scopes) == ("openid nemlogin", "openid mitid ssn")
    assert told.parameters == {"idp_values": "mitid_erhverv", "acr_values": "urn:dk:substantial"}
    assert told.identity_parameters == {"idp_values": "mitid", "prompt": "select_account", "max_age": "0"}


def test_scopes_without_openid_are_refused() -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_SCOPES"):
        oidc(scopes="profile")


@pytest.mark.parametrize(
    "written", ["acr_values", "acr_values=", "state=a", "code_challenge_method=plain", "a=b&nonce=c", "&"]
)
def test_parameters_that_undo_what_is_safe_are_refused(written: str) -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_PARAMETERS"):
        oidc(parameters=written)


def test_claims_may_be_called_otherwise() -> None:
    told = oidc(claims=" cvr = dk:cvr,level=loa ,")
    assert told.claims == STANDARD_CLAIMS | {"cvr": "dk:cvr", "level": "loa"}


@pytest.mark.parametrize("written", ["navn=name", "cvr", "cvr=", "=cvr"])
def test_claims_that_nothing_is_made_of_are_refused(written: str) -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_CLAIMS"):
        oidc(claims=written)


def test_the_level_is_the_lower_one_unless_the_high_is_said() -> None:
    assert oidc(minimum_level="High").minimum_level is Ial.HIGH
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_MINIMUM_LEVEL"):
        oidc(minimum_level="low")


def test_what_a_broker_calls_the_levels_may_be_said() -> None:
    assert oidc(levels="urn:En:2=substantial, urn:En:3=High").levels == {
        "urn:en:2": Ial.SUBSTANTIAL,
        "urn:en:3": Ial.HIGH,
    }


@pytest.mark.parametrize("written", ["substantial", "=high", "urn:en=low"])
def test_levels_that_nothing_is_made_of_are_refused(written: str) -> None:
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_LEVELS"):
        oidc(levels=written)


def test_who_is_to_log_in_anew_is_asked_for_by_age_too() -> None:
    assert oidc(parameters="prompt=login").parameters == {"prompt": "login", "max_age": "0"}
    assert oidc(parameters="max_age=600&prompt=login").parameters["max_age"] == "600"
    assert oidc(identity_parameters="max_age=600").identity_parameters["max_age"] == "0"
    with pytest.raises(WebSettingInvalid, match="BRUGERBOG_OIDC_PARAMETERS"):
        oidc(parameters="max_age=evigt")

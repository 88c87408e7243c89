import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.settings import (
    AnonymityNotAllowed,
    EanUnknown,
    MeansNotOffered,
    PNumbersNotInUse,
    PNumberUnknown,
    Prices,
    ReferenceTextNotInUse,
    Right,
    SeNumbersNotInUse,
    SeNumberUnknown,
    Settings,
    TargetIalAboveOrganisation,
    settings_from_json,
)
from brugerbog.domain.values.means import DEDICATED, Ial, Means
from tests.given import EAN, P_NUMBER, PERMISSIVE_SETTINGS, SE_NUMBER

NARROW = Settings()


def digits(length: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.from_regex(rf"[0-9]{{{length}}}", fullmatch=True), max_size=3).map(tuple)


WORDS = st.text(min_size=1, max_size=10)
SETTINGS = st.builds(
    Settings,
    **{field.name: st.booleans() for field in fields(Settings) if field.type == "bool"},
    dedicated_means=st.lists(st.sampled_from(sorted(DEDICATED)), min_size=1, unique=True).map(tuple),
    p_numbers=digits(10),
    se_numbers=digits(8),
    eans=digits(13),
    certificate_profiles=st.lists(WORDS, max_size=3).map(tuple),
    ial=st.sampled_from(Ial),
    rights=st.lists(st.builds(Right, WORDS, WORDS, WORDS), max_size=3).map(tuple),
    erasure_retention_days=st.integers(0, 3650),
    prices=st.builds(Prices, **{field.name: st.integers(0, 100_000) for field in fields(Prices)}),
)


def test_by_default_nothing_is_allowed_that_costs_money_or_shows_less() -> None:
    allowed = {name for name, value in NARROW.as_json().items() if value not in (False, 0, [])}
    assert allowed == {
        "dedicated_means",
        "ial",
        "prices",
        "activity_retention_months",
        "mail_retention_months",
    }
    assert (NARROW.dedicated_means, NARROW.ial) == ((Means.APP,), Ial.SUBSTANTIAL)


def test_by_default_personal_data_is_erased_at_deletion() -> None:
    assert NARROW.erasure_retention_days == 0


@given(SETTINGS)
def test_settings_are_read_back_from_their_json(settings: Settings) -> None:
    assert settings_from_json(json.loads(json.dumps(settings.as_json()))) == settings


@given(SETTINGS, SETTINGS)
def test_the_changes_from_one_to_another_give_the_other(one: Settings, other: Settings) -> None:
    assert one.with_changes(json.loads(json.dumps(one.changes_to(other)))) == other


@given(SETTINGS, SETTINGS)
def test_the_changes_hold_only_differing_settings(one: Settings, other: Settings) -> None:
    differing = {
        field.name for field in fields(Settings) if getattr(one, field.name) != getattr(other, field.name)
    }
    assert set(one.changes_to(other)) == differing


@given(SETTINGS)
def test_the_same_settings_are_no_change(settings: Settings) -> None:
    assert settings.changes_to(replace(settings)) == {}
    assert settings.with_changes({}) == settings


def test_settings_can_have_no_name_that_is_unknown() -> None:
    with pytest.raises(TypeError):
        NARROW.with_changes({"allow_everything": True})


def test_settings_written_before_there_were_prices_have_the_public_ones() -> None:
    written = PERMISSIVE_SETTINGS.as_json()
    del written["prices"]
    assert Settings().with_changes(written) == PERMISSIVE_SETTINGS


def test_a_price_that_is_not_given_does_not_change() -> None:
    dear = Settings(prices=Prices(user=1, free_users=2, code_display=3, audio_code_reader=4, chip=5))
    assert dear.with_changes({"prices": {"chip": 6}}).prices == replace(dear.prices, chip=6)


def test_no_price_is_read_that_is_unknown() -> None:
    with pytest.raises(TypeError):
        NARROW.with_changes({"prices": {"app": 1}})


def test_the_default_prices_are_the_public_ones() -> None:
    assert (NARROW.prices.free_users, NARROW.prices.user) == (3, 20_00)
    costing = {means: NARROW.prices.of(means) for means in Means if NARROW.prices.of(means)}
    assert costing == {Means.CODE_DISPLAY: 33_50, Means.AUDIO_CODE_READER: 235_50, Means.CHIP: 115_00}


@pytest.mark.parametrize("means", sorted(DEDICATED))
def test_dedicated_means_are_offered_where_listed(means: Means) -> None:
    assert Settings(dedicated_means=(means,)).offers(means)
    assert not Settings(dedicated_means=tuple(DEDICATED - {means})).offers(means)


def test_private_and_shared_means_are_offered_where_allowed() -> None:
    private, shared = Settings(allow_private_means=True), Settings(allow_shared_means=True)
    assert (private.offers(Means.PRIVATE), private.offers(Means.SHARED)) == (True, False)
    assert (shared.offers(Means.PRIVATE), shared.offers(Means.SHARED)) == (False, True)


def test_private_means_are_not_offered_by_being_listed_as_dedicated() -> None:
    assert not Settings(dedicated_means=(Means.APP, Means.PRIVATE)).offers(Means.PRIVATE)


@pytest.mark.parametrize(
    ("check", "value", "settings", "refusal"),
    [
        ("check_means", [Means.APP, Means.CHIP], NARROW, MeansNotOffered),
        ("check_target_ial", Ial.HIGH, NARROW, TargetIalAboveOrganisation),
        ("check_p_number", P_NUMBER, NARROW, PNumbersNotInUse),
        ("check_p_number", P_NUMBER, replace(PERMISSIVE_SETTINGS, use_p_numbers=False), PNumbersNotInUse),
        ("check_p_number", P_NUMBER, replace(PERMISSIVE_SETTINGS, p_numbers=()), PNumberUnknown),
        ("check_se_number", SE_NUMBER, replace(PERMISSIVE_SETTINGS, use_se_numbers=False), SeNumbersNotInUse),
        ("check_se_number", SE_NUMBER, replace(PERMISSIVE_SETTINGS, se_numbers=()), SeNumberUnknown),
        ("check_ean", EAN, NARROW, EanUnknown),
        ("check_reference_text", "Hold 4", NARROW, ReferenceTextNotInUse),
    ],
)
def test_a_value_not_allowed_is_refused(
    check: str, value: object, settings: Settings, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as refused:
        getattr(settings, check)(value)
    assert type(refused.value) is refusal


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("check_means", list(Means)),
        ("check_target_ial", Ial.HIGH),
        ("check_target_ial", Ial.SUBSTANTIAL),
        ("check_p_number", P_NUMBER),
        ("check_se_number", SE_NUMBER),
        ("check_ean", EAN),
        ("check_reference_text", "Hold 4"),
    ],
)
def test_an_allowed_value_passes(check: str, value: object) -> None:
    getattr(PERMISSIVE_SETTINGS, check)(value)


def test_anonymous_users_are_refused_unless_allowed() -> None:
    NARROW.check_anonymous(anonymous=False)
    Settings(allow_anonymous=True).check_anonymous(anonymous=True)
    with pytest.raises(AnonymityNotAllowed):
        NARROW.check_anonymous(anonymous=True)


def test_a_refusal_names_the_means_in_the_language_of_its_reader() -> None:
    refusal = MeansNotOffered(Means.CODE_DISPLAY)
    assert "tilbyder ikke kodeviser" in refusal.message
    assert "'code_display'" in refusal.detail

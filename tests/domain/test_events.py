import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.details import Details, Edits
from brugerbog.domain.errors import Refusal
from brugerbog.domain.events import ActedOn, Event
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.numbers import birth_date_of
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.privacy import ERASED, PERSONAL, Erased
from brugerbog.domain.settings import Settings
from brugerbog.domain.status import Status
from brugerbog.domain.user import User
from brugerbog.infrastructure.store.mapper import LoggedEvent, SealingMapper, form_of, has_personal_part
from brugerbog.infrastructure.vault import KEY_SIZE, SealBroken, Vault
from tests.domain.event_classes import EVENT_CLASSES
from tests.given import (
    BORN,
    CPR,
    EAN,
    NOON,
    OPEN_HANDED,
    P_NUMBER,
    SE_NUMBER,
    USER,
    act,
    details,
)

PRIMITIVES = {str, UUID, date, datetime, NoneType, Erased, Any}
KEY = os.urandom(KEY_SIZE)
MAPPER = SealingMapper(Vault(os.urandom(KEY_SIZE)))

every_event = pytest.mark.parametrize(
    ("aggregate", "event"), EVENT_CLASSES, ids=[event.__qualname__ for _, event in EVENT_CLASSES]
)


def parts_of(hint: object) -> set[object]:
    """The plain types that a field is made of."""
    if get_origin(hint) is Annotated:
        return parts_of(get_args(hint)[0])
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    return set().union(*map(parts_of, parts)) if parts else {hint}


@every_event
def test_an_event_has_an_explicit_topic_of_its_aggregate(
    aggregate: type[ActedOn], event: type[Event]
) -> None:
    assert vars(event)["TOPIC"].startswith(f"{aggregate.TOPIC}.")


def test_no_two_events_share_a_topic() -> None:
    topics = [event.TOPIC for _, event in EVENT_CLASSES]
    assert len(set(topics)) == len(topics)


@every_event
def test_an_event_says_in_a_sentence_what_it_means(aggregate: type[ActedOn], event: type[Event]) -> None:
    assert vars(event)["__doc__"].endswith(".")
    assert not vars(event)["__doc__"].startswith(aggregate.__name__ + "(")


@every_event
def test_an_event_holds_primitives_only(aggregate: type[ActedOn], event: type[Event]) -> None:
    assert form_of(event).topic.partition(".")[0] == aggregate.TOPIC
    hints = get_type_hints(event, include_extras=True)
    for name in (*form_of(event).public, *form_of(event).personal):
        assert parts_of(hints[name]) <= PRIMITIVES


def test_every_fact_about_a_person_is_marked_as_personal() -> None:
    names = {"first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text", "reason"}
    for _, event in EVENT_CLASSES:
        hints = get_type_hints(event, include_extras=True)
        marked = {name for name, hint in hints.items() if PERSONAL in getattr(hint, "__metadata__", ())}
        assert marked == names & hints.keys()


def test_nothing_on_the_organisation_s_stream_is_personal() -> None:
    assert [
        event for aggregate, event in EVENT_CLASSES if aggregate is Organisation and form_of(event).personal
    ] == []


# Lives made up of any commands in any order

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
EMAILS = st.sampled_from(["anne@firma.test", "søren@firma.test"])
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "phone": st.sampled_from([None, "12345678"]),
    "reference_text": st.none() | TEXTS,
    "ean": st.sampled_from([None, EAN]),
    "p_number": st.sampled_from([None, P_NUMBER]),
    "se_number": st.sampled_from([None, SE_NUMBER]),
}
MEANS = st.lists(st.sampled_from(Means), max_size=3, unique=True).map(tuple)
DETAILS = st.builds(
    Details,
    first_name=TEXTS,
    surname=TEXTS,
    email=EMAILS,
    date_of_birth=st.just(BORN),
    target_ial=st.sampled_from(Ial),
    cpr=st.sampled_from([None, CPR]),
    anonymous=st.booleans(),
    means=MEANS,
    **OPTIONS,
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": TEXTS, "surname": TEXTS, "email": EMAILS, "cpr": st.just(CPR),
        "target_ial": st.sampled_from(Ial), "means": MEANS, **OPTIONS,
    },
).map(lambda said: Edits(**said))  # fmt: skip
DAYS = st.integers(0, 9).map(lambda days: NOON.date() + timedelta(days))
COMMANDS: st.SearchStrategy[Callable[[User, datetime], object]] = st.one_of(
    st.just(lambda user, at: user.send_to_activation(act(at))),
    st.just(lambda user, at: user.activate(act(at))),
    st.just(lambda user, at: user.reactivate(act(at))),
    MEANS.map(lambda means: lambda user, at: user.assign_means(act(at), means, OPEN_HANDED)),
    EDITS.map(lambda edits: lambda user, at: user.edit(act(at), edits, OPEN_HANDED)),
    st.tuples(DAYS, st.none() | DAYS).map(
        lambda days: lambda user, at: user.deactivate(act(at), from_date=days[0], to_date=days[1])
    ),
    st.sampled_from([0, 30]).map(lambda days: lambda user, at: user.delete(act(at), retention_days=days)),
)


@st.composite
def lives(draw: st.DrawFn) -> User:
    enter = draw(st.sampled_from([User.create, User.import_]))
    user = enter(act(NOON), USER, draw(DETAILS), OPEN_HANDED)
    for hours, command in enumerate(draw(st.lists(COMMANDS, max_size=12)), start=1):
        try:
            command(user, NOON + timedelta(hours=hours))
        except Refusal:
            continue
    return user


def replayed(events: list[Event]) -> Any:  # noqa: ANN401 - a User or an Organisation
    aggregate = None
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


def logged(event: Event) -> LoggedEvent:
    return MAPPER.seal_event(event, KEY if has_personal_part(event) else None)


@given(lives())
def test_replaying_what_was_recorded_gives_the_same_user(user: User) -> None:
    assert replayed(user.collect_events()) == user


@given(lives())
def test_an_event_comes_back_from_the_log_as_it_was(user: User) -> None:
    for event in user.collect_events():
        assert MAPPER.open_event(logged(event), KEY) == event


@given(lives())
def test_a_user_comes_back_from_the_log_as_he_was(user: User) -> None:
    events = [MAPPER.open_event(logged(event), KEY) for event in user.collect_events()]
    back = replayed(events)
    assert back == user
    assert type(back.phase) is Status
    assert {type(one) for one in (back.target_ial, *back.means)} <= {Ial, Means}


@given(lives(), st.sampled_from(["box", "key"]))
def test_an_erased_user_can_still_be_replayed(user: User, gone: str) -> None:
    stored = [logged(event) for event in user.collect_events()]
    if gone == "box":
        back = replayed([MAPPER.open_event(one._replace(box=None), KEY) for one in stored])
    else:
        back = replayed([MAPPER.open_event(one, None) for one in stored])
    names = ("first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text")
    assert {getattr(back, name) for name in names} == {ERASED}
    assert (back.phase, back.period, back.means, back.ean) == (user.phase, user.period, user.means, user.ean)
    assert back.identity is None


@given(lives())
def test_what_is_personal_stands_nowhere_outside_the_box(user: User) -> None:
    for event in user.collect_events():
        shown = logged(event).state.decode() + repr(event) + str(event)
        assert not [text for text in (CPR, "@firma.test", "12345678", BORN.isoformat()) if text in shown]


@given(lives())
def test_without_the_key_nothing_personal_is_read(user: User) -> None:
    for event in user.collect_events():
        read = MAPPER.open_event(logged(event), None)
        assert {getattr(read, name) for name in form_of(type(event)).personal} <= {ERASED}


@given(lives())
def test_a_repr_shows_no_fact(user: User) -> None:
    for event in user.collect_events():
        version = event.originator_version
        assert repr(event) == f"<{type(event).__qualname__} {USER} v{version}>"
    assert repr(user) == f"<User {USER} v{user.version}>"


def test_a_box_opens_in_its_own_place_only() -> None:
    created, corrected = a_corrected_life()
    elsewhere = logged(corrected)._replace(box=logged(created).box)
    with pytest.raises(SealBroken):
        MAPPER.open_event(elsewhere, KEY)


def test_a_name_corrected_before_erasure_leaves_no_trace_in_the_identity() -> None:
    created, corrected = (logged(event) for event in a_corrected_life())
    back = replayed([MAPPER.open_event(one, KEY) for one in (created._replace(box=None), corrected)])
    assert back.identity is None


def a_corrected_life() -> tuple[Event, Event]:
    user = User.create(act(), USER, details(cpr=CPR), OPEN_HANDED)
    assert birth_date_of(CPR) == BORN
    user.edit(act(), Edits(surname="Holm"), OPEN_HANDED)
    created, corrected = user.collect_events()
    return created, corrected


def test_an_organisation_comes_back_from_the_log_as_it_was() -> None:
    organisation = Organisation.register(act(), cvr="90000001", name="Firma", settings=OPEN_HANDED)
    organisation.change_settings(act(), Settings())
    events = organisation.collect_events()
    assert replayed([MAPPER.open_event(logged(event), None) for event in events]) == organisation
    assert replayed(list(events)) == organisation

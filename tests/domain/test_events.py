import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.kernel.aggregate import Aggregate, Event
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.privacy import ERASED, PERSONAL, Erased, Secret
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Prices, Settings
from brugerbog.domain.user.activation_code import MAX_CODE_TRIES
from brugerbog.domain.user.details import Details, Edits
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import HARDWARE, SINGLE, Ial, Means
from brugerbog.domain.values.numbers import birth_date_of
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.crypto.vault import KEY_SIZE, DecryptionFailed, Vault
from brugerbog.infrastructure.database.event_row import StoredEvent
from brugerbog.infrastructure.event_store.mapper import (
    SealingMapper,
    event_schema,
    has_personal_part,
)
from tests.domain.event_classes import EVENT_CLASSES
from tests.given import (
    BORN,
    CPR,
    EAN,
    ENTITLEMENT_SETTINGS,
    MITID,
    NOON,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    SHARED,
    USER,
    a_user,
    context,
    details,
    proved_identity,
    user_after,
)

PRIMITIVES = {str, int, bool, UUID, date, datetime, NoneType, Erased, Any}
OTHER_USER = UUID(int=USER.int + 1)
KEY = os.urandom(KEY_SIZE)
MAPPER = SealingMapper(Vault(Secret(os.urandom(KEY_SIZE))))

every_event = pytest.mark.parametrize(
    ("aggregate", "event"), EVENT_CLASSES, ids=[event.__qualname__ for _, event in EVENT_CLASSES]
)


def parts_of(hint: object) -> set[object]:
    """Yield the primitive types of a field."""
    if get_origin(hint) is Annotated:
        return parts_of(get_args(hint)[0])
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    return set().union(*map(parts_of, parts)) if parts else {hint}


@every_event
def test_an_event_has_an_explicit_topic_of_its_aggregate(
    aggregate: type[Aggregate], event: type[Event]
) -> None:
    assert vars(event)["TOPIC"].startswith(f"{aggregate.TOPIC}.")


def test_no_two_events_share_a_topic() -> None:
    topics = [event.TOPIC for _, event in EVENT_CLASSES]
    assert len(set(topics)) == len(topics)


@every_event
def test_an_event_has_a_docstring_of_one_sentence(aggregate: type[Aggregate], event: type[Event]) -> None:
    assert vars(event)["__doc__"].endswith(".")
    assert not vars(event)["__doc__"].startswith(aggregate.__name__ + "(")


@every_event
def test_an_event_holds_primitives_only(aggregate: type[Aggregate], event: type[Event]) -> None:
    assert event_schema(event).topic.partition(".")[0] == aggregate.TOPIC
    hints = get_type_hints(event, include_extras=True)
    for name in (*event_schema(event).public, *event_schema(event).personal):
        assert parts_of(hints[name]) <= PRIMITIVES


def test_every_fact_about_a_person_is_marked_as_personal() -> None:
    names = {"first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text"}
    names |= {"reason", "identifier", "replaced", "user_name", "external_id"}
    for _, event in EVENT_CLASSES:
        hints = get_type_hints(event, include_extras=True)
        marked = {name for name, hint in hints.items() if PERSONAL in getattr(hint, "__metadata__", ())}
        assert marked == names & hints.keys()


def test_nothing_on_the_organisation_s_stream_is_personal() -> None:
    assert [
        event
        for aggregate, event in EVENT_CLASSES
        if aggregate is Organisation and event_schema(event).personal
    ] == []


# User histories: any commands in any order

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
EMAILS = st.sampled_from(["anne@firma.test", "søren@firma.test"])
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "phone": st.sampled_from([None, "12345678"]),
    "reference_text": st.none() | TEXTS,
    "ean": st.sampled_from([None, EAN]),
    "p_number": st.sampled_from([None, P_NUMBER]),
    "se_number": st.sampled_from([None, SE_NUMBER]),
}
MEANS = st.lists(st.sampled_from(Means), max_size=3).map(tuple)
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
    shared_means=st.just(SHARED),
    **OPTIONS,
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": TEXTS, "surname": TEXTS, "email": EMAILS, "cpr": st.just(CPR),
        "target_ial": st.sampled_from(Ial), "means": MEANS, **OPTIONS,
    },
).map(lambda fields: Edits(**fields))  # fmt: skip
DAYS = st.integers(0, 9).map(lambda days: NOON.date() + timedelta(days))
Command = Callable[[User, CommandContext], object]
PURPOSES = st.sampled_from(LinkPurpose)
RIGHTS = st.lists(st.sampled_from(["r1", "r2", "r3"]), max_size=3)
PROFILES = st.lists(st.sampled_from(["p1", "p2", "p3"]), max_size=3)
REASON = "Vi mangler navnet"


def generation(user: User, purpose: LinkPurpose = LinkPurpose.ACTIVATION) -> int:
    link = user.link if purpose is LinkPurpose.ACTIVATION else user.means_link
    return link.generation if link else 0


def confirming(purpose: LinkPurpose) -> Command:
    return lambda user, context: user.confirm_identity(
        context, purpose, generation(user, purpose), proved_identity()
    )


def ready(user: User, wanted: int) -> list[Means]:
    """Return up to `wanted` means that the user can activate at once."""
    to_come = user.open_means - Counter(user.ordered_means.values())
    return [one for one in user.open_means.elements() if one not in HARDWARE or not to_come[one]][:wanted]


def completing(wanted: int, *, consent: bool) -> Command:
    arguments = {"consent": consent, "new_id": lambda: MITID}
    return lambda user, context: user.complete_activation(
        context, generation(user), ready(user, wanted), **arguments
    )


def taking(wanted: int, *, consent: bool) -> Command:
    return lambda user, context: user.take_means(
        context, ready(user, wanted), consent=consent, new_id=lambda: MITID
    )


def ordering(user: User, context: CommandContext) -> None:
    """Order the first open device, each with its own id."""
    device = next((one for one in user.open_means if one in HARDWARE), Means.CHIP)
    user.order_means(context, device, UUID(int=user.version), PERMISSIVE_SETTINGS)


def entering(*, right: bool) -> Command:
    return lambda user, context: user.enter_code(context, generation(user), matches=right)


def asking(roles: list[Role], *, accepts: bool) -> Command:
    return lambda user, context: user.request_anonymity(
        context, PERMISSIVE_SETTINGS, roles, accepts_losing_rights=accepts
    )


BY_THE_ADMINISTRATOR = st.one_of(
    MEANS.map(
        lambda means: lambda user, context: user.send_to_activation(context, PERMISSIVE_SETTINGS, means)
    ),
    st.just(User.resend_activation_mail),
    st.just(User.issue_code),
    st.just(User.activate),
    st.just(User.reactivate),
    st.just(User.resend_means_mail),
    MEANS.map(
        lambda means: lambda user, context: user.assign_means(context, means, PERMISSIVE_SETTINGS, SHARED)
    ),
    EDITS.map(lambda edits: lambda user, context: user.edit(context, edits, PERMISSIVE_SETTINGS)),
    st.tuples(DAYS, st.none() | DAYS).map(
        lambda days: lambda user, context: user.deactivate(context, from_date=days[0], to_date=days[1])
    ),
    st.sampled_from([0, 30]).map(
        lambda days: lambda user, context: user.delete(context, retention_days=days)
    ),
    RIGHTS.map(lambda rights: lambda user, context: user.grant_rights(context, rights, ENTITLEMENT_SETTINGS)),
    RIGHTS.map(lambda rights: lambda user, context: user.revoke_rights(context, rights)),
    st.sampled_from([User.allow_signing, User.withdraw_signing]),
    PROFILES.map(
        lambda profiles: (
            lambda user, context: user.assign_sealing_profiles(context, profiles, ENTITLEMENT_SETTINGS)
        )
    ),
    st.just(lambda user, context: user.decline_anonymity(context, REASON)),
)
BY_HIMSELF = st.one_of(
    PURPOSES.map(confirming),
    st.builds(entering, right=st.booleans()),
    st.builds(completing, st.integers(0, 3), consent=st.booleans()),
    st.builds(taking, st.integers(0, 3), consent=st.booleans()),
    st.just(ordering),
    st.just(User.withdraw_consent),
    st.builds(asking, st.sampled_from([[], [Role.TRUSTED_EMPLOYEE]]), accepts=st.booleans()),
)
EXPIRE: Command = lambda user, context: user.expire_link(context, generation(user))  # noqa: E731 - one of many
END: Command = lambda user, context: user.end_period(context, user.period_generation)  # noqa: E731
ERASE: Command = lambda user, context: user.erase(context, user.deletion_generation)  # noqa: E731
BY_TIME = st.sampled_from([EXPIRE, END, ERASE])
CHAPTERS: st.SearchStrategy[list[Command]] = st.sampled_from(
    [
        [confirming(LinkPurpose.ACTIVATION), entering(right=True), completing(1, consent=True)],
        [User.issue_code, confirming(LinkPurpose.ACTIVATION), *[entering(right=False)] * 3],
        [ordering, ordering, taking(2, consent=True), User.withdraw_consent],
        [lambda user, context: user.send_to_activation(context, PERMISSIVE_SETTINGS), User.activate],
        [lambda user, context: user.deactivate(context, from_date=context.today, to_date=context.today)],
        [asking([], accepts=True), lambda user, context: user.decline_anonymity(context, REASON)],
        [User.allow_signing, lambda user, context: user.grant_rights(context, ["r1"], ENTITLEMENT_SETTINGS)],
    ]
)
PAUSES = st.sampled_from([timedelta(minutes=1)] * 6 + [timedelta(hours=1), timedelta(3), timedelta(30)])
DEEDS = CHAPTERS | st.lists(BY_THE_ADMINISTRATOR | BY_HIMSELF | BY_TIME, min_size=1, max_size=2)
LIVES = st.lists(st.tuples(PAUSES, DEEDS), min_size=8, max_size=24)


@st.composite
def user_histories(draw: st.DrawFn) -> User:
    """A user created, imported or replaced, after those of the drawn commands that were accepted."""
    entered = draw(st.sampled_from([imported, created, replaced]))
    user, now = entered(draw(DETAILS)), NOON
    for pause, commands in draw(LIVES):
        now += pause
        for command in commands:
            with suppress(Refusal):
                command(user, context(now))
    return user


def imported(details_: Details) -> User:
    return User.import_(context(NOON), USER, details_, PERMISSIVE_SETTINGS)


def created(details_: Details) -> User:
    return User.create(context(NOON), USER, details_, PERMISSIVE_SETTINGS)


def replaced(details_: Details) -> User:
    old = User.create(context(NOON), OTHER_USER, replace(details_, anonymous=False), PERMISSIVE_SETTINGS)
    old.activate(context(NOON))
    old.request_anonymity(context(NOON), PERMISSIVE_SETTINGS, [], accepts_losing_rights=True)
    return User.create_in_place_of(context(NOON), USER, old, PERMISSIVE_SETTINGS)


def replayed(events: list[Event]) -> Any:  # noqa: ANN401 - a User or an Organisation
    aggregate = None
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


def logged(event: Event) -> StoredEvent:
    return MAPPER.seal_event(event, KEY if has_personal_part(event) else None)


@given(user_histories())
def test_replaying_the_events_gives_the_same_user(user: User) -> None:
    assert replayed(user.collect_events()) == user


@given(user_histories())
def test_an_event_loaded_from_the_log_is_unchanged(user: User) -> None:
    for event in user.collect_events():
        assert MAPPER.open_event(logged(event), KEY) == event


@given(user_histories())
def test_a_user_loaded_from_the_log_is_unchanged(user: User) -> None:
    events = [MAPPER.open_event(logged(event), KEY) for event in user.collect_events()]
    back = replayed(events)
    assert back == user
    assert type(back.phase) is Status
    kinds = (back.target_ial, *back.means, *back.active_means, *back.ordered_means.values())
    assert {type(one) for one in kinds} <= {Ial, Means}


@given(user_histories(), st.sampled_from(["box", "key"]))
def test_an_erased_user_can_still_be_replayed(user: User, gone: str) -> None:
    stored = [logged(event) for event in user.collect_events()]
    if gone == "box":
        back = replayed([MAPPER.open_event(one._replace(ciphertext=None), KEY) for one in stored])
    else:
        back = replayed([MAPPER.open_event(one, None) for one in stored])
    names = ("first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text")
    assert {getattr(back, name) for name in names} == {ERASED}
    hidden = {*names, "shared_means", "decline_reason", "replaced"}
    assert {**vars(back), **dict.fromkeys(hidden)} == {**vars(user), **dict.fromkeys(hidden)}
    assert back.identity is None


@given(user_histories())
def test_of_an_erased_user_nothing_personal_can_be_replayed(user: User) -> None:
    back = replayed([MAPPER.open_event(logged(event), None) for event in user.collect_events()])
    assert not {back.decline_reason, back.replaced} - {None, ERASED}
    assert back.shared_means is None or back.shared_means.identifier is ERASED


@given(user_histories())
def test_an_accepted_command_leaves_a_consistent_user(user: User) -> None:
    assert not Counter(user.active_means) - Counter(user.means)
    assert not Counter(user.ordered_means.values()) - user.open_means
    assert max([user.means.count(one) for one in SINGLE]) <= 1
    assert (Means.SHARED in user.means) == (user.shared_means is not None)
    assert len(set(user.rights)) == len(user.rights)
    assert user.code_tries <= MAX_CODE_TRIES


@given(user_histories())
def test_personal_data_is_only_in_the_ciphertext(user: User) -> None:
    for event in user.collect_events():
        shown = logged(event).payload.decode() + repr(event) + str(event)
        secrets = (
            CPR,
            "@firma.test",
            "12345678",
            BORN.isoformat(),
            SHARED.identifier,
            REASON,
            str(OTHER_USER),
        )
        assert not [text for text in secrets if text in shown]


@given(user_histories())
def test_without_the_key_nothing_personal_is_read(user: User) -> None:
    for event in user.collect_events():
        read = MAPPER.open_event(logged(event), None)
        assert {getattr(read, name) for name in event_schema(type(event)).personal} <= {ERASED}


@given(user_histories())
def test_a_repr_shows_no_fact(user: User) -> None:
    for event in user.collect_events():
        version = event.originator_version
        assert repr(event) == f"<{type(event).__qualname__} {USER} v{version}>"
    assert repr(user) == f"<User {USER} v{user.version}>"


def test_a_box_opens_in_its_own_place_only() -> None:
    created, corrected = a_creation_and_a_correction()
    elsewhere = logged(corrected)._replace(ciphertext=logged(created).ciphertext)
    with pytest.raises(DecryptionFailed):
        MAPPER.open_event(elsewhere, KEY)


def test_a_name_corrected_before_erasure_leaves_no_trace_in_the_identity() -> None:
    created, corrected = (logged(event) for event in a_creation_and_a_correction())
    back = replayed([MAPPER.open_event(one, KEY) for one in (created._replace(ciphertext=None), corrected)])
    assert back.identity is None


def a_creation_and_a_correction() -> tuple[Event, Event]:
    user = User.import_(context(), USER, details(cpr=CPR), PERMISSIVE_SETTINGS)
    assert birth_date_of(CPR) == BORN
    user.edit(context(), Edits(surname="Holm"), PERMISSIVE_SETTINGS)
    created, corrected = user.collect_events()
    return created, corrected


def test_an_organisation_loaded_from_the_log_is_unchanged() -> None:
    organisation = Organisation.register(
        context(), cvr="90000001", name="Firma", settings=PERMISSIVE_SETTINGS
    )
    organisation.change_settings(context(), Settings(prices=Prices(chip=1)))
    for role in ASSIGNABLE_ROLES:
        organisation.give_role(context(), user_after(a_user()), role)
    organisation.take_role(context(), USER, Role.TRUSTED_EMPLOYEE, [])
    events = organisation.collect_events()
    assert replayed([MAPPER.open_event(logged(event), None) for event in events]) == organisation
    assert replayed(list(events)) == organisation

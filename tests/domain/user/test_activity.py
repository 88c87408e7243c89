"""Activities of users at services: events in a stream derived from the user's."""

import os
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.kernel.privacy import ERASED, Secret
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.infrastructure.crypto.vault import KEY_SIZE, Vault
from brugerbog.infrastructure.event_store.mapper import SealingMapper, event_schema
from brugerbog.infrastructure.system import SystemIds
from tests.given import ORGANISATION, USER, activity_reported

KEY = os.urandom(KEY_SIZE)
MAPPER = SealingMapper(Vault(Secret(os.urandom(KEY_SIZE))))
PERSONAL = {"occurred_at", "transaction", "service_provider", "service_type"}
TIMES = st.integers(0, (1 << 47) - 1)
"""The first bits of an id of version 7: milliseconds until the year 6429."""


@given(TIMES, st.integers(0, (1 << 76) - 1))
def test_a_user_id_and_its_activity_stream_id_convert_into_each_other(time: int, rest: int) -> None:
    user_id = UUID(int=time << 80 | 7 << 76 | rest)

    assert owner_of(activity_stream_id(user_id)) == user_id == owner_of(user_id)
    assert activity_stream_id(user_id) != user_id


def test_the_stream_of_activities_has_the_highest_bit_turned() -> None:
    user_id = UUID("019a0000-0000-7000-8000-0000000000cc")

    assert activity_stream_id(user_id) == UUID("819a0000-0000-7000-8000-0000000000cc")


def test_no_id_that_is_given_out_is_a_stream_of_activities() -> None:
    given_out = [SystemIds().new_id() for _ in range(1_000)] + [uuid4() for _ in range(1_000)]

    assert [owner_of(one) for one in (ORGANISATION, USER, *given_out)] == [ORGANISATION, USER, *given_out]


def test_the_activity_is_personal_data_and_the_reporter_is_not() -> None:
    form = event_schema(ActivityReported)

    assert set(form.personal) == PERSONAL
    assert set(form.public) == {"role", "door", "correlation_id", "effective_at", "reporter"}


def test_an_activity_loaded_from_the_log_is_unchanged() -> None:
    event = activity_reported()

    assert MAPPER.open_event(MAPPER.seal_event(event, KEY), KEY) == event


def test_an_erased_activity_has_no_personal_data() -> None:
    stored = MAPPER.seal_event(activity_reported(), KEY)

    for read in (MAPPER.open_event(stored._replace(ciphertext=None), KEY), MAPPER.open_event(stored, None)):
        assert {getattr(read, name) for name in PERSONAL} == {ERASED}


def test_an_activity_s_repr_shows_no_fact() -> None:
    assert repr(activity_reported()) == f"<ActivityReported {activity_stream_id(USER)} v1>"

"""A reading of the log is an event in a stream derived from the organisation's, without personal data."""

from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.infrastructure.event_store.mapper import event_schema
from tests.given import ORGANISATION, log_read


def test_readings_are_in_a_stream_derived_from_the_organisation_s() -> None:
    assert log_reading_stream_id(ORGANISATION) != ORGANISATION
    assert owner_of(log_reading_stream_id(ORGANISATION)) == ORGANISATION == log_read().organisation_id


def test_a_reading_holds_filters_and_nothing_personal() -> None:
    form = event_schema(LogRead)

    assert form.personal == ()
    assert set(form.public) >= {"what", "about", "by", "kind", "since", "until", "correlated_by", "by_words"}

"""The organisation: registered once by the operator, then ruled by its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from brugerbog.domain import events
from brugerbog.domain.settings import Settings

if TYPE_CHECKING:
    from typing import Self

    from brugerbog.domain.act import Act, Role


class Organisation(events.ActedOn):
    """An organisation with a CVR number, a name, and settings. Nothing on its stream is personal."""

    TOPIC = "organisation"

    class Event(events.Event):
        """Something that happened to the organisation."""

    class Registered(Event, AggregateCreated):
        """The operator has taken the organisation in; it has no users yet."""

        TOPIC = "organisation.registered"
        cvr: str
        name: str
        settings: dict[str, Any]

        def apply(self, organisation: Organisation) -> None:
            organisation.cvr = self.cvr
            organisation.name = self.name
            organisation.settings = Settings().with_changes(self.settings)

    class SettingsChanged(Event):
        """Some settings have new values; users who were placed by the old ones keep what they have."""

        TOPIC = "organisation.settings_changed"
        changed: dict[str, Any]

        def apply(self, organisation: Organisation) -> None:
            organisation.settings = organisation.settings.with_changes(self.changed)

    def __init__(self) -> None:
        self.cvr = ""
        self.name = ""
        self.settings = Settings()

    @classmethod
    def register(cls, act: Act, *, cvr: str, name: str, settings: Settings) -> Self:
        """Take in an organisation; its id is the act's `organisation_id`."""
        return cls._create(
            cls.Registered,
            id=act.organisation_id,
            cvr=cvr,
            name=name,
            settings=settings.as_json(),
            **act.stamp(),
        )

    def change_settings(self, act: Act, settings: Settings) -> None:
        """Give the organisation new settings. The same settings again record nothing."""
        changed = self.settings.changes_to(settings)
        if changed:
            self.record(act, self.SettingsChanged, changed=changed)

    def roles_of(self, user_id: UUID) -> frozenset[Role]:  # noqa: ARG002
        """The roles a user holds here."""
        return frozenset()

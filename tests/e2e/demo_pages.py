"""The demo's municipality with people in every state, and a few more who are hard to show."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.demo import people as cast
from brugerbog.demo.login import DemoLogin
from brugerbog.demo.town import SetBackClock, fill_store
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from brugerbog.infrastructure.web.sessions import Session
from tests.clock import FrozenClock
from tests.e2e.served_pages import ServedPages, serve_pages
from tests.org_driver import open_service
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from brugerbog.infrastructure.web.uploads import State, UploadKind
    from tests.e2e.browser_page import BrowserPage

EXAMPLES = Path(__file__).parents[2] / "examples"
LONG = "Maximiliane-Charlotte Wilhelmine Amalie"
LONG_SURNAME = "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LINK = re.compile(r"/(?:aktivering|identifikationsmidler)/[\w-]+")

ROLES = {
    "alt": "Åse Bæk",
    "brugere": "Mads Engelund",
    "rettigheder": "Karen Hvid",
    "organisation": "Poul Østerby",
    "betroet": "Lis Frost",
    "ingen": "Emil Toft",
    "bager": "Gerda Friis",
}
"""Whom the demo lets one play, by what they may."""


WHO = {
    "active": "Yrsa Nørgaard",
    "pending": "Nanna Vad",
    "coded": "Øjvind Skov",
    "expired": "Ingrid Munk",
    "imported": "Eskild Aagaard",
    "by_date": "Øjvind Ravn",
    "away": "Jens Ploug",
    "leaving": "Mette Rask",
    "asking": "Sofie Kruse",
    "mads": "Mads Engelund",
    "poul": "Poul Østerby",
}
"""People of the demo, by the state that they are in."""


@dataclass
class DemoPages:
    """The municipality's pages, and who is found where."""

    served_pages: ServedPages
    outbox: Path
    people: dict[str, tuple[UUID, UUID]]
    ids: dict[str, UUID]
    titles: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, Secret[str]] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.served_pages.service.operator(cast.TOWN_CVR)

    def log_in(self, page: BrowserPage, role: str) -> None:
        """As one of those whom the demo lets one play; once logged in, he stays so."""
        if role not in self._tokens:
            user_id, organisation_id = self.people[ROLES[role]]
            organisation = self.served_pages.service.log.organisation(organisation_id)
            assert organisation is not None
            roles = organisation.roles_of(user_id)
            self._tokens[role] = self.served_pages.web_context.sessions.begin(user_id, organisation_id, roles)
        self.served_pages.show_token(page, self._tokens[role])

    def session(self, role: str) -> Session:
        session = self.served_pages.web_context.sessions.find(self._tokens[role])
        assert session is not None
        return session

    def hand_in(self, role: str, kind: UploadKind, state: State, told: dict[str, Any] | None = None) -> UUID:
        """Something that lies there in a state that it would soon leave by itself."""
        upload_id = uuid4()
        uploads = self.served_pages.web_context.uploads
        uploads.add(self.session(role), upload_id, kind, b"", state=state, result=told)
        return upload_id

    def create(self, first_name: str, surname: str, **said: Any) -> UUID:  # noqa: ANN401 - any field of NewUser
        new = NewUser(first_name=first_name, surname=surname, **({"email": f"{uuid4().hex}@by.test"} | said))
        created = self.served_pages.service.administration.create_user(self.actor, new).subject
        assert created is not None
        return created

    def link_to(self, user_id: UUID) -> str:
        """The path that the latest mail to somebody leads to."""
        self.served_pages.service.worker.run_once()
        address = self.served_pages.service.queries.user(self.actor, user_id).email
        for path in sorted(self.outbox.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            found = body and LINK.search(body.get_content())
            if found and address in str(message["To"]):
                return found[0]
        raise LookupError(address)


@contextmanager
def open_demo_pages(folder: Path) -> Iterator[DemoPages]:
    """Two months have passed in it."""
    outbox = folder / "outbox"
    mail = MailSettings(outbox, Sender("demo@by.test", "Demo"), "http://by.test")
    clock = SetBackClock(FrozenClock())
    settings = tomllib.loads((EXAMPLES / "organisation.toml").read_text("utf-8"))
    settings |= {
        "allow_shared_means": True,
        "dedicated_means": ["app", "code_display", "audio_code_reader", "chip"],
    }
    settings["rights"] += [
        {
            "id": f"r{number}",
            "name": f"Indberette og godkende nr. {number}",
            "service_provider": "NemRefusion",
        }
        for number in range(1, 13)
    ]
    with open_service(clock=clock, mail=mail, catches_up=False) as service:
        played = fill_store(service, clock, settings, EXAMPLES / "brugere.csv", outbox)
        login_provider = DemoLogin(played.people, played.papers, outbox)
        with serve_pages(service, clock, login_provider) as served_pages:
            people = {one.name: (one.user_id, one.organisation_id) for one in played.people}
            demo_pages = DemoPages(served_pages, outbox, people, {})
            _add_the_hard_ones(demo_pages)
            yield demo_pages


def _add_the_hard_ones(demo_pages: DemoPages) -> None:
    administration = demo_pages.served_pages.service.administration
    administration.change_settings(demo_pages.actor, {"ial": "high"})
    long = demo_pages.create(
        LONG,
        LONG_SURNAME,
        email=f"{'m' * 60}@{'langt-navn.' * 5}fjordkoebing.example",
        cpr=made_up_cpr(cast.NEEDS_A_CODE.date_of_birth, 5),  # type: ignore[arg-type]
        phone="20304050",
        reference_text="Afdelingen for lange navne, " * 3,
        means=(Means.PRIVATE, Means.APP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.CHIP),
        rights=tuple(f"r{number}" for number in range(1, 13)),
        can_sign=True,
        sealing_profiles=("Fjordkøbing segl",),
        p_number="1003456789",
        se_number="30303030",
        ean="5798009811578",
    )
    administration.activate_user(demo_pages.actor, long)
    shy = demo_pages.create("Rikke", "Nord", date_of_birth=cast.NEEDS_A_CODE.date_of_birth)
    administration.activate_user(demo_pages.actor, shy)
    administration.request_anonymity(Actor(shy, demo_pages.actor.organisation_id), accepts_losing_rights=True)
    anonymous = administration.approve_anonymity(demo_pages.actor, shy).subject
    assert anonymous is not None
    demo_pages.ids |= {"long": long, "anonymous": anonymous, "gone": shy, "nobody": uuid4()}
    for name, called in WHO.items():
        question = UserQuery(search=called, limit=1)
        demo_pages.ids[name] = (
            demo_pages.served_pages.service.queries.users(demo_pages.actor, question).users[0].id
        )

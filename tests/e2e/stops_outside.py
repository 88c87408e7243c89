"""What is seen by those who aren't logged in: the login, the demo's stand-ins, and the link in a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.queries.user_list import UserQuery
from brugerbog.domain.values.means import Means
from tests.e2e.stops import Steps, Stop, chain, fills, presses, ticks
from tests.journeys.town import BORN
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from uuid import UUID

    from tests.e2e.place import Place
    from tests.e2e.window import Window

CPR, ANOTHER = made_up_cpr(BORN, 40), made_up_cpr(BORN, 41)
LINK, MEANS_LINK = "/aktivering/{token}", "/identifikationsmidler/{token}"
PROVE = "Bekræft din identitet med dit private MitID"
CODED = {"date_of_birth": BORN}
REASONS = ("session_over", "not_active", "role_taken", "logged_out", "refused", "level", "denied", "failed")


def signe(
    place: Place, *, active: bool = False, means: tuple[Means, ...] = (Means.APP,), **known: object
) -> UUID:
    """Somebody new, in place of whoever was Signe before."""
    administration = place.stage.service.administration
    question = UserQuery(search="Signe Link")
    for one in place.stage.service.queries.users(place.actor, question).users:
        administration.delete_user(place.actor, one.id)
    user_id = place.create("Signe", "Link", means=() if active else means, **(known or {"cpr": CPR}))
    if active:
        administration.activate_user(place.actor, user_id)
        administration.assign_means(place.actor, user_id, means)
    return user_id


def comes(*, means: tuple[Means, ...] = (Means.APP,), active: bool = False, **known: object) -> Steps:
    """By a fresh link."""

    def steps(window: Window, place: Place) -> None:
        window.open(place.link_to(signe(place, active=active, means=means, **known)))

    return steps


def proves(cpr: str = CPR, *, by_date: bool = False, level: str = "Høj") -> Steps:
    """That she is who she says."""

    def steps(window: Window, _place: Place) -> None:
        window.press(PROVE)
        if by_date:
            window.fill("Eller kun en fødselsdato", f"{BORN:%d.%m.%Y}")
        else:
            window.fill("Opdigtet CPR-nummer", cpr)
        window.tick(level)
        window.press("Bekræft på skrømt")

    return steps


def opens_a_link_that_is(what: str) -> Steps:
    def steps(window: Window, place: Place) -> None:
        administration = place.stage.service.administration
        path = place.link_to(place.ids["expired"] if what == "expired" else signe(place))
        question = UserQuery(search="Signe Link")
        (user,) = place.stage.service.queries.users(place.actor, question).users[:1] or (None,)
        if what == "voided" and user:
            administration.resend_activation_mail(place.actor, user.id)
            place.stage.service.worker.run_once()
        if what == "used" and user:
            administration.activate_user(place.actor, user.id)
        window.open(path)

    return steps


def wrong_codes(times: int) -> Steps:
    return chain(
        comes(**CODED), proves(by_date=True), *[fills("Næste", {"Midlertidig": "2222-3333-4444"})] * times
    )


LOGINS = (
    Stop("log-ind", "/log-ind", None, "Log ind i MitID Erhverv"),
    *(Stop(f"log-ind-{why}", "/log-ind", None, "Log ind med MitID", f"/log-ind?videre=/rapporter&fordi={why}")
      for why in REASONS),
    Stop("ikke-logget-ind", "/brugere", None, "Log ind i MitID Erhverv"),
    Stop("findes-ikke-udenfor", "/", None, "Siden findes ikke", "/vejret", status=404),
    Stop("demo-log-ind", "/demo/log-ind", None, "Demo: hvem vil du være?"),
    Stop("demo-post", "/demo/post", None, "Demo: mails"),
    Stop("demo-identitet", LINK, None, "Demo: hvem påstår du at være?", steps=chain(comes(), presses(PROVE))),
    Stop("demo-identitet-fejl", LINK, None, "Der er en fejl",
         steps=chain(comes(), presses(PROVE), fills("Bekræft på skrømt", {"Opdigtet CPR-nummer": "12"}))),
)  # fmt: skip

HARDWARE = (Means.PRIVATE, Means.APP, Means.CODE_DISPLAY, Means.CHIP)

LINKS = (
    Stop("link-identitet", LINK, None, "Trin 1 af 2", steps=comes()),
    Stop("link-identitet-kode", LINK, None, "Trin 1 af 3", steps=comes(means=HARDWARE, **CODED)),
    Stop("link-en-anden", LINK, None, "Din identitet er ikke bekræftet", steps=chain(comes(),
         proves(ANOTHER))),
    Stop("link-for-lavt-niveau", LINK, None, "sikringsniveau", steps=chain(comes(),
         proves(level="Betydelig"))),
    Stop("link-kode", LINK, None, "Indtast den midlertidige aktiveringskode", steps=chain(comes(**CODED),
         proves(by_date=True))),
    Stop("link-kode-forkert", LINK, None, "Koden er forkert", steps=wrong_codes(1)),
    Stop("link-kode-spærret", LINK, None, "ny midlertidig kode", steps=wrong_codes(3)),
    Stop("link-midler", LINK, None, "Trin 2 af 2", steps=chain(comes(means=HARDWARE), proves())),
    Stop("link-midler-ingen-valgt", LINK, None, "Der er en fejl",
         steps=chain(comes(means=HARDWARE), proves(), presses("Aktivér"))),
    Stop("link-uden-samtykke", LINK, None, "Der er en fejl",
         steps=chain(comes(means=HARDWARE), proves(), ticks("Privat MitID", press="Aktivér"))),
    Stop("link-bestilt", LINK, None, "kommer med posten",
         steps=chain(comes(means=HARDWARE), proves(), presses("Bestil kodeviser"))),
    Stop("link-intet-at-vælge", LINK, None, "for at blive aktiv bruger", steps=chain(comes(means=()),
         proves())),
    Stop("link-aktiveret", LINK, None, "Du er nu aktiveret", steps=chain(comes(), proves(),
         presses("Aktivér"))),
    Stop("link-aktiveret-bestilt", LINK, None, "kommer med posten",
         steps=chain(comes(means=HARDWARE), proves(), presses("Bestil chip"), ticks("MitID app",
         press="Aktivér"))),
    Stop("link-ukendt", LINK, None, "Linket kendes ikke", "/aktivering/forkert", status=404),
    Stop("link-udløbet", LINK, None, "Linket er udløbet", steps=opens_a_link_that_is("expired")),
    Stop("link-gammelt", LINK, None, "Linket gælder ikke længere", steps=opens_a_link_that_is("voided")),
    Stop("link-brugt", LINK, None, "Linket er allerede brugt", steps=opens_a_link_that_is("used")),
    Stop("midler-identitet", MEANS_LINK, None, "Aktivér dine nye identifikationsmidler",
         steps=comes(active=True, means=HARDWARE)),
    Stop("midler-valg", MEANS_LINK, None, "Aktivér identifikationsmidler", steps=chain(comes(active=True,
         means=HARDWARE), proves())),
    Stop("midler-aktiveret", MEANS_LINK, None, "Dine identifikationsmidler er aktiveret",
         steps=chain(comes(active=True), proves(), presses("Aktivér"))),
    Stop("midler-ukendt", MEANS_LINK, None, "Linket kendes ikke", "/identifikationsmidler/forkert",
         status=404),
)  # fmt: skip

STOPS = (*LOGINS, *LINKS)

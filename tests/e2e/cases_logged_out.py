"""What is seen by those who aren't logged in: the login, the demo's stand-ins, and the link in a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.queries.user_list import UserQuery
from brugerbog.domain.values.means import Means
from tests.e2e.cases import Case, Steps, chain, fills, presses, ticks
from tests.org_driver import BORN
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from uuid import UUID

    from tests.e2e.browser_page import BrowserPage
    from tests.e2e.demo_pages import DemoPages

CPR, ANOTHER = made_up_cpr(BORN, 40), made_up_cpr(BORN, 41)
LINK, MEANS_LINK = "/aktivering/{token}", "/identifikationsmidler/{token}"
PROVE = "Bekræft din identitet med dit private MitID"
CODED = {"date_of_birth": BORN}
REASONS = ("session_over", "not_active", "role_taken", "logged_out", "refused", "level", "denied", "failed")


def signe(
    demo_pages: DemoPages, *, active: bool = False, means: tuple[Means, ...] = (Means.APP,), **known: object
) -> UUID:
    """Somebody new, in place of whoever was Signe before."""
    administration = demo_pages.served_pages.service.administration
    question = UserQuery(search="Signe Link")
    for one in demo_pages.served_pages.service.queries.users(demo_pages.actor, question).users:
        administration.delete_user(demo_pages.actor, one.id)
    user_id = demo_pages.create("Signe", "Link", means=() if active else means, **(known or {"cpr": CPR}))
    if active:
        administration.activate_user(demo_pages.actor, user_id)
        administration.assign_means(demo_pages.actor, user_id, means)
    return user_id


def comes(*, means: tuple[Means, ...] = (Means.APP,), active: bool = False, **known: object) -> Steps:
    """By a fresh link."""

    def steps(page: BrowserPage, demo_pages: DemoPages) -> None:
        page.open(demo_pages.link_to(signe(demo_pages, active=active, means=means, **known)))

    return steps


def proves(cpr: str = CPR, *, by_date: bool = False, level: str = "Høj") -> Steps:
    """That she is who she says."""

    def steps(page: BrowserPage, _place: DemoPages) -> None:
        page.press(PROVE)
        if by_date:
            page.fill("Eller kun en fødselsdato", f"{BORN:%d.%m.%Y}")
        else:
            page.fill("Opdigtet CPR-nummer", cpr)
        page.tick(level)
        page.press("Bekræft på skrømt")

    return steps


def opens_a_link_that_is(what: str) -> Steps:
    def steps(page: BrowserPage, demo_pages: DemoPages) -> None:
        administration = demo_pages.served_pages.service.administration
        path = demo_pages.link_to(demo_pages.ids["expired"] if what == "expired" else signe(demo_pages))
        question = UserQuery(search="Signe Link")
        (user,) = demo_pages.served_pages.service.queries.users(demo_pages.actor, question).users[:1] or (
            None,
        )
        if what == "voided" and user:
            administration.resend_activation_mail(demo_pages.actor, user.id)
            demo_pages.served_pages.service.worker.run_once()
        if what == "used" and user:
            administration.activate_user(demo_pages.actor, user.id)
        page.open(path)

    return steps


def wrong_codes(times: int) -> Steps:
    return chain(
        comes(**CODED), proves(by_date=True), *[fills("Næste", {"Midlertidig": "2222-3333-4444"})] * times
    )


LOGINS = (
    Case("log-ind", "/log-ind", None, "Log ind i MitID Erhverv"),
    *(Case(f"log-ind-{why}", "/log-ind", None, "Log ind med MitID", f"/log-ind?videre=/rapporter&fordi={why}")
      for why in REASONS),
    Case("ikke-logget-ind", "/brugere", None, "Log ind i MitID Erhverv"),
    Case("findes-ikke-udenfor", "/", None, "Siden findes ikke", "/vejret", status=404),
    Case("demo-log-ind", "/demo/log-ind", None, "Demo: hvem vil du være?"),
    Case("demo-post", "/demo/post", None, "Demo: mails"),
    Case("demo-identitet", LINK, None, "Demo: hvem påstår du at være?", steps=chain(comes(), presses(PROVE))),
    Case("demo-identitet-fejl", LINK, None, "Der er en fejl",
         steps=chain(comes(), presses(PROVE), fills("Bekræft på skrømt", {"Opdigtet CPR-nummer": "12"}))),
)  # fmt: skip

HARDWARE = (Means.PRIVATE, Means.APP, Means.CODE_DISPLAY, Means.CHIP)

LINKS = (
    Case("link-identitet", LINK, None, "Trin 1 af 2", steps=comes()),
    Case("link-identitet-kode", LINK, None, "Trin 1 af 3", steps=comes(means=HARDWARE, **CODED)),
    Case("link-en-anden", LINK, None, "Din identitet er ikke bekræftet", steps=chain(comes(),
         proves(ANOTHER))),
    Case("link-for-lavt-niveau", LINK, None, "sikringsniveau", steps=chain(comes(),
         proves(level="Betydelig"))),
    Case("link-kode", LINK, None, "Indtast den midlertidige aktiveringskode", steps=chain(comes(**CODED),
         proves(by_date=True))),
    Case("link-kode-forkert", LINK, None, "Koden er forkert", steps=wrong_codes(1)),
    Case("link-kode-spærret", LINK, None, "ny midlertidig kode", steps=wrong_codes(3)),
    Case("link-midler", LINK, None, "Trin 2 af 2", steps=chain(comes(means=HARDWARE), proves())),
    Case("link-midler-ingen-valgt", LINK, None, "Der er en fejl",
         steps=chain(comes(means=HARDWARE), proves(), presses("Aktivér"))),
    Case("link-uden-samtykke", LINK, None, "Der er en fejl",
         steps=chain(comes(means=HARDWARE), proves(), ticks("Privat MitID", press="Aktivér"))),
    Case("link-bestilt", LINK, None, "kommer med posten",
         steps=chain(comes(means=HARDWARE), proves(), presses("Bestil kodeviser"))),
    Case("link-intet-at-vælge", LINK, None, "for at blive aktiv bruger", steps=chain(comes(means=()),
         proves())),
    Case("link-aktiveret", LINK, None, "Du er nu aktiveret", steps=chain(comes(), proves(),
         presses("Aktivér"))),
    Case("link-aktiveret-bestilt", LINK, None, "kommer med posten",
         steps=chain(comes(means=HARDWARE), proves(), presses("Bestil chip"), ticks("MitID app",
         press="Aktivér"))),
    Case("link-ukendt", LINK, None, "Linket kendes ikke", "/aktivering/forkert", status=404),
    Case("link-udløbet", LINK, None, "Linket er udløbet", steps=opens_a_link_that_is("expired")),
    Case("link-gammelt", LINK, None, "Linket gælder ikke længere", steps=opens_a_link_that_is("voided")),
    Case("link-brugt", LINK, None, "Linket er allerede brugt", steps=opens_a_link_that_is("used")),
    Case("midler-identitet", MEANS_LINK, None, "Aktivér dine nye identifikationsmidler",
         steps=comes(active=True, means=HARDWARE)),
    Case("midler-valg", MEANS_LINK, None, "Aktivér identifikationsmidler", steps=chain(comes(active=True,
         means=HARDWARE), proves())),
    Case("midler-aktiveret", MEANS_LINK, None, "Dine identifikationsmidler er aktiveret",
         steps=chain(comes(active=True), proves(), presses("Aktivér"))),
    Case("midler-ukendt", MEANS_LINK, None, "Linket kendes ikke", "/identifikationsmidler/forkert",
         status=404),
)  # fmt: skip

CASES = (*LOGINS, *LINKS)

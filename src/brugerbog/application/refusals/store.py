"""Refusals of the store as a whole: its address, its version, its files, its timeouts."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.requests import TooBusy
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class StoreEmpty(Refusal):
    """There is no store yet."""

    code = "store_empty"
    danish = (
        "Der er endnu intet lager på det sted. Registrér en organisation, eller gør lageret klar: "
        "brugerbog store prepare"
    )
    english = "There is no store there yet: register an organisation, or run 'brugerbog store prepare'."


class StoreUnusable(Refusal):
    """The store or its engine isn't fit for use."""

    code = "store_unusable"
    danish = "Lageret kan ikke bruges."
    english = "The store can't be used."


@dataclass(eq=False)
class StoreUrlInvalid(StoreUnusable):
    """Neither SQLite nor PostgreSQL through psycopg."""

    code = "store_url_invalid"
    danish = "Lagerets adresse kan ikke bruges. Skriv sqlite:///fil.db eller postgresql+psycopg://…"
    english = "The store's URL can't be used: write sqlite:///file.db or postgresql+psycopg://…"


@dataclass(eq=False)
class StoreOutOfReach(StoreUnusable):
    """The file can't be opened as a store, or no server answers."""

    code = "store_out_of_reach"
    danish = "Lageret kan ikke åbnes. Kontrollér adressen, rettighederne og at databasen kører."
    english = "The store can't be opened: check its URL, the permissions, and that the database runs."


@dataclass(eq=False)
class StoreTooSlow(TooBusy):
    """A timeout passed before the store answered, perhaps because of locks."""

    code = "store_too_slow"
    danish = "Lageret svarede ikke i tide. Intet er meldt gennemført; prøv igen om lidt."
    english = "The store didn't answer in time. Nothing is said to be done: try again with the same id."


@dataclass(eq=False)
class OutcomeUnknown(TooBusy):
    """The connection ended during a commit: a repeat with the same command id returns the outcome."""

    code = "outcome_unknown"
    danish = (
        "Lageret svarede ikke, mens der blev gemt, så det vides ikke, om det blev gennemført. "
        "Kontrollér, og prøv igen om lidt."
    )
    english = "The store didn't answer during the commit, so the outcome is unknown: repeat with the same id."


@dataclass(eq=False)
class StoreOutdated(StoreUnusable):
    """An earlier version of Brugerbog made the store; it is never changed silently."""

    code = "store_outdated"
    danish = (
        "Lageret er lavet af en tidligere udgave. Stop alt, der bruger det, tag en backup, og bring det op "
        "til denne udgave: brugerbog store upgrade"
    )
    english = "An earlier version made the store: back it up, and run 'brugerbog store upgrade'."


@dataclass(eq=False)
class StoreTooNew(StoreUnusable):
    """A later version of Brugerbog made the store, or has upgraded it."""

    code = "store_too_new"
    danish = (
        "Lageret er lavet eller opgraderet af en nyere udgave (skema {schema}; denne udgave kender {known}). "
        "Installér den nyere udgave."
    )
    english = "A newer version made the store (schema {schema}; this one knows {known}): install it."
    schema: int
    known: int


@dataclass(eq=False)
class StoreIncomplete(StoreUnusable):
    """Tables of the store are missing: something other than Brugerbog has removed them."""

    code = "store_incomplete"
    danish = "Lageret mangler tabeller, som det har haft ({tables}). Læg en backup tilbage."
    english = "The store lacks tables that it has had ({tables}): put a backup back."
    tables: str


@dataclass(eq=False)
class StoreFull(StoreUnusable):
    """The disk is full: nothing is stored, and nothing is damaged."""

    code = "store_full"
    danish = "Disken er fuld, så intet kan gemmes. Intet er beskadiget. Skaf plads, og prøv igen."
    english = "The disk is full, so nothing can be stored. Nothing is damaged: make room, and try again."


@dataclass(eq=False)
class StoreReadOnly(StoreUnusable):
    """The store is in a read-only place: queries work, unless an erasure is pending."""

    code = "store_read_only"
    danish = (
        "Lageret kan kun læses, for dér, hvor det ligger, kan intet skrives. Giv adgang til at skrive, "
        "eller brug et andet."
    )
    english = "The store can only be read: nothing can be written where it lies. Give access, or use another."


@dataclass(eq=False)
class StoreTorn(StoreUnusable):
    """The store's files don't belong together: they were copied one by one while in use, or are damaged."""

    code = "store_torn"
    danish = (
        "Lagerets filer er ikke hele: de er kopieret, mens de var i brug, eller de er beskadiget ({path}). "
        "Lad dem ligge, og læg en backup tilbage. Et lager i brug kopieres med: brugerbog backup"
    )
    english = (
        "The store's files aren't whole: they were copied while in use, or are damaged ({path}). Put a "
        "backup back; 'brugerbog backup' copies a store in use."
    )
    path: str


@dataclass(eq=False)
class StoreReplaced(StoreUnusable):
    """A file of the store was deleted or replaced under a running process: what it writes would be lost."""

    code = "store_replaced"
    danish = (
        "Lagerets fil er slettet eller skiftet ud, mens den var i brug: {path}. Intet gemmes, før det er "
        "rettet. Stop alt, der bruger lageret, læg filen tilbage (eller en backup: brugerbog restore), og "
        "start igen."
    )
    english = (
        "A file of the store was deleted or replaced while in use: {path}. Nothing is written: stop "
        "everything, put it back, or restore a backup, and start again."
    )
    path: str

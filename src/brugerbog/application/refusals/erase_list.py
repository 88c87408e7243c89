"""Refusals of the list of erased users."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.store import StoreUnusable


@dataclass(eq=False)
class EraseListMissing(StoreUnusable):
    """The list of erased users is missing: without it erased users could come back from a backup."""

    code = "erase_list_missing"
    danish = (
        "Listen over slettede findes ikke: {place}. Uden den kan slettede personer komme tilbage. Læg den "
        "nyeste kopi dér, eller angiv, hvor den er (BRUGERBOG_ERASE_LIST, ved restore også --erase-list). Er "
        "den tabt, og er ingen slettet siden: brugerbog restore … --nobody-erased-since, eller for et lager, "
        "der er på plads: brugerbog store renew-erase-list --nobody-erased-since"
    )
    english = (
        "The list of the erased is missing: {place}. Put its newest copy there, or say where it is; if it is "
        "lost and nobody was erased since, say so with --nobody-erased-since."
    )
    place: str


@dataclass(eq=False)
class EraseListShort(StoreUnusable):
    """The list of erased users is shorter than before: it is an older copy."""

    code = "erase_list_short"
    danish = (
        "Listen over slettede er kortere, end den har været: {place}. Læg den nyeste kopi dér. Er den tabt, "
        "og er ingen slettet siden: brugerbog restore … --nobody-erased-since, eller for et lager, der er på "
        "plads: brugerbog store renew-erase-list --nobody-erased-since"
    )
    english = "The list of the erased is shorter than it has been: {place}. Put its newest copy there."
    place: str


@dataclass(eq=False)
class EraseListCutOff(StoreUnusable):
    """The last line of the list of erased users is incomplete, and no erasure in this log explains that."""

    code = "erase_list_cut_off"
    danish = (
        "Den sidste linje i listen over slettede er ikke hel: {place}. Så mangler nogen måske på den. Læg "
        "den nyeste hele kopi dér. Findes den ikke, så fjern den halve linje, og slet bagefter brugeren igen."
    )
    english = (
        "The last line of the list of the erased isn't whole, so somebody may be missing: {place}. Put its "
        "newest whole copy there; if there is none, take that line away, and delete that user again."
    )
    place: str


@dataclass(eq=False)
class EraseListForeign(StoreUnusable):
    """The list of erased users is not the one that the store or the backup refers to."""

    code = "erase_list_foreign"
    danish = (
        "Listen over slettede hører til et andet lager, eller den er ændret: {place}. Angiv dette lagers "
        "egen liste (BRUGERBOG_ERASE_LIST, ved restore også --erase-list). Hvert lager har sin egen."
    )
    english = (
        "The list of the erased is another installation's, or was changed: {place}. Name this store's own."
    )
    place: str


@dataclass(eq=False)
class EraseListUnreadable(StoreUnusable):
    """The list of erased users can't be read, or has lines that are not ids."""

    code = "erase_list_unreadable"
    danish = (
        "Listen over slettede kan ikke læses, eller den indeholder andet end id'er: {place}. Ret ejer og "
        "rettigheder, eller læg den nyeste kopi dér."
    )
    english = "The list of the erased can't be read, or holds something else than ids: {place}"
    place: str

"""Refusals of backups and copies of the store."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class PlaceTaken(Refusal):
    """Existing files are never overwritten."""

    code = "place_taken"
    danish = "Der ligger allerede noget på stedet {path}. Vælg et andet, eller flyt det først."
    english = "There is something at {path} already: choose another place, or move it first."
    path: str


@dataclass(eq=False)
class BackupMissing(Refusal):
    """There is no backup in that folder."""

    code = "backup_missing"
    danish = "Mappen {path} indeholder ingen backup. Angiv en mappe, der er lavet med: brugerbog backup"
    english = "The folder {path} holds no backup: name one made by 'brugerbog backup'."
    path: str


@dataclass(eq=False)
class BackupDamaged(Refusal):
    """The events of a copy don't match its head, or the copy can't be read."""

    code = "backup_damaged"
    danish = "Kopien {path} er beskadiget og kan ikke bruges. Brug en anden, og undersøg disken."
    english = "The copy {path} is damaged and can't be used: take another, and look into the disk."
    path: str


@dataclass(eq=False)
class BackupNeedsServer(Refusal):
    """PostgreSQL is backed up with its own tools."""

    code = "backup_needs_server"
    danish = (
        "PostgreSQL sikkerhedskopieres med databasens egne værktøjer (se docs/operations.md). "
        "En kopi til en fil laves med: brugerbog copy"
    )
    english = "Back PostgreSQL up with its own tools (docs/operations.md), or copy it with 'brugerbog copy'."


@dataclass(eq=False)
class StoreBeingCopied(StoreUnusable):
    """The store is a copy that is not finished."""

    code = "store_being_copied"
    danish = "Lageret er en kopi, der ikke er færdig. Gør den færdig med samme kommando: brugerbog copy"
    english = "The store is a copy that isn't finished: run the same 'brugerbog copy' again."


@dataclass(eq=False)
class CopyIncomplete(Refusal):
    """The copy differs from its source."""

    code = "copy_incomplete"
    danish = "Kopien svarer ikke til lageret. Brug den ikke; slet den, og lav en ny."
    english = "The copy doesn't hold what its source holds: delete it and make another."

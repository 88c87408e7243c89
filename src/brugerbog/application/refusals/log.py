"""Refusals of the log: an unknown format, damage, forged entries."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class EventUnknown(StoreUnusable):
    """The log has an event that this version doesn't know, of another version or of another program."""

    code = "event_unknown"
    danish = (
        "Loggen indeholder en hændelse, som denne udgave ikke kender. Brug den nyeste udgave. Er det den, "
        "så kontrollér loggen: brugerbog audit verify"
    )
    english = "The log holds an event that this version doesn't know: use the newest one, or verify the log."


@dataclass(eq=False)
class LogFormatUnknown(StoreUnusable):
    """The log was written by another version of Brugerbog."""

    code = "log_format_unknown"
    danish = "Loggen er skrevet af en anden udgave af Brugerbog. Brug den udgave, eller opgradér."
    english = "The log has a format that this version doesn't read."


@dataclass(eq=False)
class LogDamaged(Refusal):
    """The stored events are not the recorded ones, so nothing is signed."""

    code = "log_damaged"
    danish = (
        "Loggen er ikke, som den blev skrevet (fra hændelse {position}: {kind}). Der underskrives ikke. "
        "Bevar lageret, som det er, og sammenhold det med en backup og med tidligere kontrolpunkter."
    )
    english = "The log isn't as it was recorded ({kind}, position {position}): nothing is signed."
    kind: str
    position: int


@dataclass(eq=False)
class OrganisationForged(Refusal):
    """An organisation's event was written without this installation's keys; roles depend on such events."""

    code = "organisation_forged"
    danish = (
        "Hændelse {position} om organisationen er ikke skrevet af denne installation. Intet udføres i "
        "organisationen, før det er rettet. Bevar lageret, som det er, og læg en backup tilbage."
    )
    english = (
        "Event {position} of the organisation wasn't recorded by this installation: nothing is done in the "
        "organisation. Keep the store as it is, and put a backup back."
    )
    position: int


@dataclass(eq=False)
class CheckpointForged(Refusal):
    """A stored checkpoint isn't signed by a known key, or two of the same size contradict each other."""

    code = "checkpoint_forged"
    danish = (
        "Et tidligere kontrolpunkt (ved {size} hændelser) er ikke ægte eller modsiger et andet. "
        "Bevar lageret, som det er, og sammenhold det med kontrolpunkter fra et andet sted."
    )
    english = "An earlier checkpoint (at size {size}) isn't authentic, or contradicts another."
    size: int

"""Refusals of HTTP requests: invalid, too large, too slow, unknown paths; and failures of the server."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class RequestInvalid(Refusal):
    """A part of a request doesn't match the OpenAPI document. The message never repeats the part's value.

    `what` is a Danish sentence about it, `how` an English phrase.
    """

    code = "request_invalid"
    danish = "{what} Se API'ets beskrivelse (openapi.json)."
    english = "A part of the request isn't of the form that the API's description gives: {how}."
    what: str
    how: str


@dataclass(eq=False)
class TooLarge(Refusal):
    """The body exceeds the size limit of the path."""

    code = "request_too_large"
    danish = "Det sendte er for stort. En fil må højst fylde 50 MB, andet højst 1 MB."
    english = "The request is too large: at most 50 MB for a file, 2 MB for activities, else 1 MB."


@dataclass(eq=False)
class TooSlow(Refusal):
    """The body arrives more slowly than the minimum rate."""

    code = "request_too_slow"
    danish = "Det sendte kom for langsomt. Intet er gennemført; prøv igen."
    english = "The body came too slowly. Nothing was done: try again."


@dataclass(eq=False)
class NoSuchPath(Refusal):
    """The API has no route at this path."""

    code = "no_such_path"
    danish = "API'et har ingen sådan adresse. Se API'ets beskrivelse (openapi.json)."
    english = "The API has no such path: see its description."


@dataclass(eq=False)
class NoSuchMethod(Refusal):
    """The route doesn't take this method."""

    code = "no_such_method"
    danish = "Adressen kan ikke bruges på den måde. Se API'ets beskrivelse (openapi.json)."
    english = "The path doesn't take this method: see the API's description."


@dataclass(eq=False)
class NotShownYet(Refusal):
    """The projections haven't reached the log position that the request waits for (`Prefer: wait`)."""

    code = "not_shown_yet"
    danish = "Ændringen vises ikke endnu. Prøv igen om lidt, eller vent længere (Prefer: wait)."
    english = "Position {position} isn't shown yet. Ask again, or wait longer (Prefer: wait)."
    position: int


@dataclass(eq=False)
class Unexpected(Refusal):
    """The request failed with an unexpected exception; its outcome is unknown."""

    code = "unexpected"
    danish = "Der skete en uventet fejl. Intet er meldt gennemført; kontrollér, og prøv igen."
    english = "An unexpected error. Nothing is said to be done: check, and try again with the same key."


@dataclass(eq=False)
class StoreUnavailable(Refusal):
    """The store can't be reached; the request's outcome is unknown."""

    code = "store_unavailable"
    danish = "Lageret kan ikke nås lige nu. Intet er meldt gennemført; prøv igen med samme nøgle."
    english = "The store can't be reached just now. Nothing is said to be done: try again with the same key."

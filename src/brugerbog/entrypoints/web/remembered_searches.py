"""Words that somebody searches for: the session remembers them, and addresses hold only their id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from brugerbog.entrypoints.web.request_context import RequestContext

_SEARCHES: Final = "searches"
_KEPT: Final = 12
"""So many a session remembers, so that going back finds the earlier ones."""


def remember(context: RequestContext, words: str) -> str:
    """The id by which the session knows these words from now on; nothing of blanks."""
    words = words.strip()
    if not words:
        return ""
    searches: dict[str, str] = dict(context.session.data.get(_SEARCHES, {}))
    known = next((key for key, said in searches.items() if said == words), None)
    key = known or str(context.new_id())
    searches[key] = words
    context.web_context.sessions.keep(context.session, **{_SEARCHES: dict(list(searches.items())[-_KEPT:])})
    return key


def recall(context: RequestContext, key: str) -> str:
    """The words; nothing when the session has forgotten them."""
    return str(context.session.data.get(_SEARCHES, {}).get(key, ""))

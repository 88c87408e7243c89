"""Search words: stored in the session, so that addresses contain only their id and no names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from brugerbog.entrypoints.web.request_context import RequestContext

_SEARCHES: Final = "searches"
MAX_SEARCHES: Final = 12
"""The most searches in a session, so that the browser's back button finds earlier ones."""


def remember(context: RequestContext, words: str) -> str:
    """Store search words in the session and return their id; an empty string of blanks."""
    words = words.strip()
    if not words:
        return ""
    searches: dict[str, str] = dict(context.session.data.get(_SEARCHES, {}))
    known_key = next((key for key, stored in searches.items() if stored == words), None)
    key = known_key or str(context.new_id())
    searches[key] = words
    context.web_context.sessions.keep(
        context.session, **{_SEARCHES: dict(list(searches.items())[-MAX_SEARCHES:])}
    )
    return key


def recall(context: RequestContext, key: str) -> str:
    """Return the words of an id; an empty string when the session no longer has them."""
    return str(context.session.data.get(_SEARCHES, {}).get(key, ""))

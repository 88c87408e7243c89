"""Nobody who watches, for parts that are put together without the whole."""

from brugerbog.application.watching import Observer
from brugerbog.infrastructure.watching.telling import Telling

UNWATCHED: Observer = Telling([])

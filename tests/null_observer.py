"""Nobody who watches, for parts that are put together without the whole."""

from brugerbog.application.ports.observation import Observer
from brugerbog.infrastructure.telemetry.composite_observer import CompositeObserver

NULL_OBSERVER: Observer = CompositeObserver([])

"""An observer that ignores everything, for components that a test builds alone."""

from brugerbog.application.ports.observation import Observer
from brugerbog.infrastructure.telemetry.composite_observer import CompositeObserver

NULL_OBSERVER: Observer = CompositeObserver([])

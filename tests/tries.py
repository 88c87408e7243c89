"""Forgets what was tried, for tests that all come from one address."""

from sqlalchemy import delete

from brugerbog.bootstrap import Service
from brugerbog.infrastructure.rate_limiter import rate_counters


def forget_tries(service: Service) -> None:
    """Let every count begin anew."""
    backend = service.log.backend
    with backend.writing(backend.read) as connection:
        connection.execute(delete(rate_counters))

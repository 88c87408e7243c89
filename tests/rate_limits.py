"""Forgets what was tried, for tests that all come from one address."""

from sqlalchemy import delete

from brugerbog.infrastructure.rate_limiter import rate_counters
from brugerbog.service import Service


def reset_rate_limits(service: Service) -> None:
    """Let every count begin anew."""
    backend = service.log.backend
    with backend.write_transaction(backend.read) as connection:
        connection.execute(delete(rate_counters))

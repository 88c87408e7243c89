"""Resets rate limits, for tests that send all requests from one address."""

from sqlalchemy import delete

from brugerbog.infrastructure.rate_limiter import rate_counters
from brugerbog.service import Service


def reset_rate_limits(service: Service) -> None:
    """Delete all counters of rate limits."""
    backend = service.log.backend
    with backend.write_transaction(backend.read) as connection:
        connection.execute(delete(rate_counters))

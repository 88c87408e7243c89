"""Brugerbog: the user administration of MitID Erhverv as an event-sourced service.

with brugerbog.open("sqlite:///users.db") as service:
    operator = service.operator()
    page = service.queries.users(operator)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["open"]
__version__ = "0.2.0"

if TYPE_CHECKING:
    from brugerbog.bootstrap import open_service as open  # noqa: A004 - read as brugerbog.open


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute
    if name == "open":
        from brugerbog.bootstrap import open_service  # noqa: PLC0415 - importing brugerbog stays quick

        return open_service
    raise AttributeError(name)

"""The entry points through which commands come in, and their Danish names."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Door(StrEnum):
    """The entry point of a command."""

    CLI = "cli"
    WEB = "web"
    API = "api"
    CSV = "csv"
    SCIM = "scim"
    SCHEDULE = "schedule"
    EMBEDDED = "embedded"


DANISH_DOORS: Final = {
    Door.CLI: "kommandolinje",
    Door.WEB: "hjemmeside",
    Door.API: "API",
    Door.CSV: "CSV-fil",
    Door.SCIM: "SCIM",
    Door.SCHEDULE: "tidsplan",
    Door.EMBEDDED: "indlejret",
}

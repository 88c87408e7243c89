"""The installation's settings, from environment variables named BRUGERBOG_*."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from brugerbog.application.refusals.configuration import EnvironmentInvalid
from brugerbog.infrastructure.crypto.master_key import MASTER_KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.infrastructure.mail.settings import MailSettings

T = TypeVar("T")

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_LONGEST_REQUEST: Final = 300
REQUEST_SECONDS: Final = 10
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")

DEFAULT_STORE: Final = "sqlite:///brugerbog.db"


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings of the installation: the store, files outside of it, and limits."""

    store: str
    master_key_file: Path | None
    master_key_in_environment: bool
    allow_fictitious_cvr: bool
    erase_list: Path | None
    checkpoints: Path | None
    request_seconds: float
    cpr_per_minute: int
    cpr_per_day: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; a setting that is missing or empty has its default.

        A settings library would take longer to load than most calls take to run. Raises: EnvironmentInvalid.
        """
        return cls(
            store=environment.get("BRUGERBOG_STORE") or DEFAULT_STORE,
            master_key_file=_path(environment, "BRUGERBOG_MASTER_KEY_FILE"),
            master_key_in_environment=bool(environment.get(MASTER_KEY_VARIABLE, "").strip()),
            allow_fictitious_cvr=_yes_or_no(environment, "BRUGERBOG_ALLOW_FICTITIOUS_CVR"),
            erase_list=_path(environment, "BRUGERBOG_ERASE_LIST"),
            checkpoints=_path(environment, "BRUGERBOG_CHECKPOINTS"),
            request_seconds=request_seconds(environment),
            cpr_per_minute=_number(environment, "BRUGERBOG_CPR_PER_MINUTE", 30),
            cpr_per_day=_number(environment, "BRUGERBOG_CPR_PER_DAY", 500),
        )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name)
    return Path(text) if text else None


def request_seconds(environment: Mapping[str, str] = os.environ) -> float:
    """Return the timeout of one statement of a request, in seconds: 1 to 300. Raises: EnvironmentInvalid."""
    text = environment.get("BRUGERBOG_REQUEST_SECONDS", "").strip()
    if not text:
        return REQUEST_SECONDS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _LONGEST_REQUEST):
        raise EnvironmentInvalid("BRUGERBOG_REQUEST_SECONDS", f"1, …, {_LONGEST_REQUEST}")
    return int(text)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if text and not _NUMBER.fullmatch(text):
        raise EnvironmentInvalid(name, "1-999999")
    return int(text) if text else default


def _yes_or_no(environment: Mapping[str, str], name: str) -> bool:
    value = _one_of(environment, name, {"true": True, "false": False})
    return value is not False


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The lowest level that is logged, and whether lines are JSON; None where not set."""

    level: int | None
    as_json: bool | None


def log_settings(environment: Mapping[str, str] = os.environ) -> LogSettings:
    """Return the log settings for the processes of Brugerbog. Raises: EnvironmentInvalid."""
    level = _one_of(environment, "BRUGERBOG_LOG_LEVEL", {one.lower(): one for one in _LEVELS})
    as_json = _one_of(environment, "BRUGERBOG_LOG_FORMAT", {"json": True, "logfmt": False})
    return LogSettings(None if level is None else logging.getLevelNamesMapping()[level], as_json)


def _one_of(environment: Mapping[str, str], name: str, choices: Mapping[str, T]) -> T | None:
    text = environment.get(name, "").strip().casefold()
    if text and text not in choices:
        raise EnvironmentInvalid(name, ", ".join(choices))
    return choices[text] if text else None


def mail_settings(environment: Mapping[str, str] = os.environ) -> MailSettings | None:
    """Return the mail settings, read when mails are to be sent; None where not set.

    Raises: MailSettingInvalid, MailSettingMissing.
    """
    if not (environment.get("BRUGERBOG_SMTP_URL") or environment.get("BRUGERBOG_OUTBOX")):
        return None
    from brugerbog.infrastructure.mail.settings import read_mail_settings  # noqa: PLC0415 - slow to load

    return read_mail_settings(environment)

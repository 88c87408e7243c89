"""Refusals of the installation's configuration: environment variables, and the folder for mails."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class EnvironmentInvalid(Refusal):
    """An environment variable of the installation has an unknown value."""

    code = "environment_invalid"
    danish = "Miljøvariablen {name} har en værdi, der ikke kan bruges. Skriv en af disse: {choices}."
    english = "The environment variable {name} must be one of: {choices}."
    name: str
    choices: str


@dataclass(eq=False)
class MailSettingInvalid(Refusal):
    """An environment variable about mail has a value that can't be used; `what` says in Danish what to do."""

    code = "mail_setting_invalid"
    danish = "Miljøvariablen {name} kan ikke bruges. {what}"
    english = "The environment variable {name} can't be used for sending mail."
    name: str
    what: str


@dataclass(eq=False)
class MailSettingMissing(Refusal):
    """Some environment variables for sending mail are set, and this one is missing."""

    code = "mail_setting_missing"
    danish = "Der er angivet, hvordan mails skal sendes, men miljøvariablen {name} mangler."
    english = "Mail is to be sent, but the environment variable {name} is missing."
    name: str


@dataclass(eq=False)
class WebSettingInvalid(Refusal):
    """An environment variable about the pages can't be used; `what` says in Danish what to do."""

    code = "web_setting_invalid"
    danish = "Miljøvariablen {name} kan ikke bruges. {what}"
    english = "The environment variable {name} can't be used for serving pages."
    name: str
    what: str


@dataclass(eq=False)
class WebSettingMissing(Refusal):
    """An environment variable that the pages need is missing."""

    code = "web_setting_missing"
    danish = "Siderne kan ikke vises, før miljøvariablen {name} er angivet."
    english = "To serve pages, the environment variable {name} is needed."
    name: str


@dataclass(eq=False)
class OutboxNotPrivate(Refusal):
    """The folder for mails holds valid links, so only its owner may read it."""

    code = "outbox_not_private"
    danish = (
        "Mappen {path} kan ikke bruges til mails. Angiv en ny mappe, "
        "eller en som kun ejeren har adgang til (rettighed 0700)."
    )
    english = "The folder {path} can't take mails: it must be its owner's alone (mode 0700)."
    path: str

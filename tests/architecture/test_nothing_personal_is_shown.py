"""The repr of a dataclass shows no personal data, because reprs end up in logs and tracebacks."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import isclass
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import brugerbog
from brugerbog.domain.kernel.privacy import PERSONAL, Secret
from brugerbog.domain.kernel.refusals import Refusal

PERSONAL_NAMES = frozenset(
    {
        *(
            "first_name",
            "surname",
            "name",
            "to_name",
            "person",
            "cpr",
            "cpr_masked",
            "date_of_birth",
            "email",
        ),
        *("to_address", "phone", "reference_text", "reason", "said", "text", "html", "cells", "code"),
        *("transaction", "service_provider", "password", "token", "key", "seed", "identity", "words"),
    }
)
NOT_PERSONAL = {
    "application.diagnostics.checks.Check": {"name"},
    "application.diagnostics.checks.Finding": {"code"},
    "application.diagnostics.checks.FindingKind": {"code"},
    "application.commands.imports.receipt.RowError": {"code"},
    "application.mail.transport.TransientMailFailure": {"code"},
    "application.mail.transport.PermanentMailFailure": {"code"},
    "application.mail.outbox.MailStatus": {"code"},
    "application.queries.notices.AnonymityTerms": {"text"},
    "application.queries.reports.Report": {"name"},
    "application.ports.observation.Operation": {"name"},
    "domain.settings.Right": {"name", "service_provider"},
    "entrypoints.cli.users.activity_lines.LineError": {"code"},
    "entrypoints.cli.operations.projection_comparison.TableComparison": {"name"},
    "infrastructure.mail.address.Sender": {"name"},
    "infrastructure.transparency_log.signed_notes.Note": {"text"},
    "infrastructure.transparency_log.signed_notes.VerifierKey": {"name"},
    "infrastructure.projections.positions.ProjectionStatus": {"name"},
}
"""Fields with such names that aren't personal: codes of refusals, names of tables, rights and senders."""

MARK = "Krabbeløs"


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def short(kind: type) -> str:
    return f"{kind.__module__.removeprefix('brugerbog.')}.{kind.__qualname__}"


def classes_of(kind: type) -> Iterator[type]:
    yield kind
    for inner in vars(kind).values():
        if isclass(inner) and inner.__module__ == kind.__module__:
            yield from classes_of(inner)


def dataclasses() -> list[type]:
    found = {
        kind
        for module in modules(brugerbog)
        for outer in vars(module).values()
        if isclass(outer) and outer.__module__.startswith("brugerbog")
        for kind in classes_of(outer)
        if is_dataclass(kind) and not issubclass(kind, Refusal)
    }
    return sorted(found, key=short)


def hints_of(kind: type) -> dict[str, Any]:
    try:
        return get_type_hints(kind, include_extras=True)
    except NameError:
        return {}


def personal_fields(kind: Any) -> set[str]:  # noqa: ANN401 - a dataclass
    hints = hints_of(kind)
    marked = {name for name, hint in hints.items() if _is_marked(hint)}
    named = {field.name for field in fields(kind) if field.name in PERSONAL_NAMES}
    return (marked | named) - NOT_PERSONAL.get(short(kind), set())


def _is_marked(hint: object) -> bool:
    return get_origin(hint) is Annotated and PERSONAL in get_args(hint)[1:]


CLASSES = dataclasses()
PERSONAL_CLASSES = [kind for kind in CLASSES if personal_fields(kind)]


def test_known_classes_with_personal_fields_are_found() -> None:
    known = {short(kind) for kind in PERSONAL_CLASSES}
    assert {
        "domain.user.details.Details",
        "domain.user.details.Edits",
        "domain.user.user.User.Created",
        "application.commands.user_input.NewUser",
        "application.queries.user_list.UserView",
        "application.mail.rendering.RenderedMail",
        "application.mail.rendering.MailFacts",
    } <= known


@pytest.mark.parametrize("kind", PERSONAL_CLASSES, ids=short)
def test_a_class_with_personal_fields_does_not_show_them(kind: type[Any]) -> None:
    made = object.__new__(kind)
    for field in fields(kind):
        mark = Secret(MARK) if "Secret[" in str(field.type) else MARK
        object.__setattr__(made, field.name, mark if field.name in personal_fields(kind) else 0)
    assert MARK not in f"{made!r} {made} {made}"

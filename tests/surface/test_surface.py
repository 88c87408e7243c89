"""The names that users of Brugerbog depend on; `surface.json` has a line for each.

A failing test prints lost names, and new names to be added to the file. Event topics and their
fields are kept in tests/domain/golden; the API in full, beside its paths, in tests/previous_version.
"""

from __future__ import annotations

import ast
import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from prometheus_client import CollectorRegistry

import brugerbog
from brugerbog.__main__ import commands
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints import verify
from brugerbog.entrypoints.cli import main
from brugerbog.infrastructure.telemetry.metrics import Metrics
from brugerbog.infrastructure.telemetry.store_gauges import StoreGauges
from tests.application.catalogue import EVERYTHING
from tests.application.mail.captured_mails import PretendedIdentity
from tests.clock import FrozenClock
from tests.org_driver import BORN, OrgDriver, register_org
from tests.people import made_up_cpr
from tests.previous_version.conftest import FILES
from tests.previous_version.installation import Installation, application_of, copied
from tests.previous_version.requests import Caller

KNOWN: dict[str, list[str]] = json.loads(Path(__file__).with_name("surface.json").read_text("utf-8"))
SOURCE = sorted(Path(brugerbog.__file__).parent.rglob("*.py"))
OPEN_LABELS = ("le", "code", "status", "page", "method")
"""Labels whose values are not from a fixed list, or are listed in another section."""

SHARED = {"--store", "--organisation", "--as", "--command-id", "--json"}
PLAIN = (str, int, float, UUID, date, datetime, Path)
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")


def check(section: str, names: set[str]) -> None:
    """Compare the current names with the names in the file."""
    known = set(KNOWN.get(section, ()))
    lost, new = sorted(known - names), sorted(names - known)
    lines = [f"lost: {one}" for one in lost] + [f"new, to be added to surface.json: {one}" for one in new]
    assert not lines, "\n".join([section, *lines])


@pytest.fixture
def history() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FILES / "history.json").read_text("utf-8"))
    return document


@pytest.fixture
def at(history: dict[str, Any], tmp_path: Path, production_code_hashes: None) -> Iterator[Installation]:
    """The recorded store on SQLite."""
    del production_code_hashes
    with copied(FILES, history["files"], tmp_path / "installation") as at:
        yield at


def test_tables_and_columns_on_sqlite(tmp_path: Path) -> None:
    with brugerbog.open(f"sqlite:///{tmp_path / 'store.db'}", clock=FrozenClock()):
        pass
    columns = set()
    for path in tmp_path.glob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                rows = connection.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
                columns |= {f"{path.name} {table}.{name} {kind}" for name, kind in rows}
    check("columns on SQLite", columns)


def test_tables_and_columns_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with brugerbog.open(postgres_url, master_key_file=tmp_path / "master.key", clock=FrozenClock()):
        pass
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        rows = connection.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    check("columns on PostgreSQL", {f"{schema} {table}.{name} {kind}" for schema, table, name, kind in rows})


def test_commands_of_the_command_line() -> None:
    check("command line", set(_calls(commands(), "brugerbog")))


def _calls(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - typer's copy of click's
    """Yield each command with its arguments, and each option; the shared options count as one."""
    for word, inner in getattr(command, "commands", {}).items():
        yield from _calls(inner, f"{name} {word}")
    options = {option for one in command.params for option in one.opts}
    shared = ["(shared options)"] if options >= SHARED else []
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    yield " ".join([name, *(f"{one.metavar or one.name.upper()}:{_kind(one)}" for one in arguments), *shared])
    for one in command.params:
        if one.param_type_name == "option" and not (shared and SHARED.issuperset(one.opts)):
            yield " ".join([name, *one.opts, *one.secondary_opts, _kind(one)])


def _kind(parameter: Any) -> str:  # noqa: ANN401 - as above
    """Return the type of a parameter; `…`: repeatable, `?`: optional."""
    kind = parameter.type_descriptor.annotation
    if getattr(parameter, "is_flag", False):
        word = "flag"
    elif isinstance(kind, type) and issubclass(kind, Enum):
        word = "|".join(one.value for one in kind)
    else:
        word = parameter.metavar or (kind.__name__ if kind in PLAIN else "TEXT")
    many = "…" if parameter.multiple or parameter.nargs == -1 else ""
    return f"{word}{many}{'' if parameter.required else '?'}"


def test_exit_codes() -> None:
    codes = {
        f"brugerbog done {main.DONE}",
        f"brugerbog failed {main.FAILED}",
        f"brugerbog usage {main.USAGE}",
        f"brugerbog some_refused {main.SOME_REFUSED}",
        f"brugerbog-verify sound {verify.SOUND}",
        f"brugerbog-verify damaged {verify.DAMAGED}",
        f"brugerbog-verify undecided {verify.UNDECIDED}",
        f"brugerbog-verify unsigned {verify.UNSIGNED}",
    }
    check("exit codes", codes)


def test_damages_that_the_verifier_names() -> None:
    check("kinds of damage", set(verify.KINDS))


def test_refusal_codes() -> None:
    for path in SOURCE:
        if "class " in path.read_text("utf-8") and "Refusal" in path.read_text("utf-8"):
            module = ".".join(path.relative_to(Path(brugerbog.__file__).parents[1]).with_suffix("").parts)
            pytest.importorskip(module)
    check("refusal codes", set(_codes(Refusal)))


def _codes(refusal: type[Refusal]) -> Iterator[str]:
    if refusal.__module__.startswith("brugerbog."):
        yield refusal.code
    for one in refusal.__subclasses__():
        yield from _codes(one)


def test_pages_and_paths() -> None:
    with brugerbog.open("sqlite://", clock=FrozenClock()) as service:
        check("paths", set(_paths(application_of(service).routes, "")))


def _paths(routes: list[Any], under: str) -> Iterator[str]:
    for route in routes:
        path = f"{under}{getattr(route, 'path', '')}"
        within = getattr(route, "original_router", None) or getattr(route, "app", None)
        inner = getattr(route, "routes", None) or getattr(within, "routes", None)
        if inner:
            yield from _paths(inner, path)
        else:
            yield f"{','.join(sorted(getattr(route, 'methods', None) or ['*']))} {path}"


def test_metrics_and_log_lines(
    at: Installation, history: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "brugerbog")
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    serve_recorded_client(at, history, metrics)
    activate_by_link(at, history, metrics)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRUGERBOG_ERASE_LIST")
        service = brugerbog.open("sqlite://", clock=FrozenClock(), watchers=[metrics])
    with service:
        registry.register(StoreGauges(service.store_statistics))
        execute_everything(register_org(service, FrozenClock()))
        service.worker.run_once()
        check("metrics", set(_labels(registry)))
        check("label values", set(_values(registry)))
    check("log lines written", {_fields(one) for one in caplog.records if one.name.startswith("brugerbog")})


def serve_recorded_client(at: Installation, history: dict[str, Any], metrics: Metrics) -> None:
    with at.browser(watchers=[metrics]) as browser:
        caller = Caller(browser, history["codes"] | history["ids"], history["files"])
        caller.ask_for_token()
        for request in json.loads((FILES / "requests.json").read_text("utf-8"))[1:]:
            caller.ask(*(request[part] for part in ("method", "path", "said", "headers")))


def activate_by_link(at: Installation, history: dict[str, Any], metrics: Metrics) -> None:
    """Take each step of a link as the users Gerda and Hans."""
    gerda, hans = (history["links"][name].rpartition("/")[2] for name in ("Gerda", "Hans"))
    with brugerbog.open(at.url, watchers=[metrics]) as service:
        own = service.self_service
        own.open_activation(gerda)
        own.confirm_identity(gerda, PretendedIdentity(cpr=history["cpr"]["Gerda"]))
        own.confirm_identity(hans, PretendedIdentity())
        own.enter_code(hans, history["codes"]["Hans"])
        for step in (lambda: own.order_means(gerda, Means.CHIP), lambda: own.take_means(gerda, [Means.APP])):
            with suppress(Refusal):
                step()
        own.activate(gerda, [Means.APP])
        at.now += timedelta(days=45)
        service.worker.run_once()


def execute_everything(org: OrgDriver) -> None:
    """Execute each command and query of the service; a refusal is fine."""
    for number, operation in enumerate(EVERYTHING.values()):
        user_id = org.create(cpr=made_up_cpr(BORN, 2000 + number))
        with suppress(Refusal, OSError):
            operation.call(org, user_id, None)


def _fields(record: logging.LogRecord) -> str:
    """Return logger, event and field names of a log line."""
    fields = dict(vars(record)["fields"])
    return " ".join([record.name, fields.pop("event"), *sorted(fields)])


def _labels(registry: CollectorRegistry) -> Iterator[str]:
    """Yield each metric with the names of its labels."""
    for collector in registry._collector_to_names:
        for metric in collector.collect():
            labels = getattr(collector, "_labelnames", ()) or {
                name for sample in metric.samples for name in sample.labels
            }
            yield " ".join([metric.type, metric.name, *sorted(labels)])


def _values(registry: CollectorRegistry) -> Iterator[str]:
    """Yield the label values that come from a fixed list."""
    for metric in registry.collect():
        for sample in metric.samples:
            for name, value in sample.labels.items():
                if name not in OPEN_LABELS and not metric.name.endswith("_seconds"):
                    yield f"{metric.name} {name}={value}"


def test_log_lines() -> None:
    lines: set[str] = set()
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (event := _event_of(node)):
                lines.add(" ".join([event, *sorted(one.arg for one in node.keywords if one.arg)]))
    check("log lines", lines)


def _event_of(call: ast.Call) -> str | None:
    """Return the event of a logging call: by a logger's method, or by the names of logger and event."""
    words = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
    if (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in LEVELS
        and words
        and isinstance(words[0], str)
    ):
        return words[0]
    if len(words) > 1 and str(words[0]).startswith("brugerbog.") and isinstance(words[1], str):
        return words[1]
    return None


def test_environment_variables() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCE)
    check("environment variables", set(re.findall(r"\bBRUGERBOG_[A-Z_]+[A-Z]\b", text)))


def test_projections() -> None:
    with brugerbog.open("sqlite://", clock=FrozenClock()) as service:
        check("projections", {one.name for one in service.runner.status()})


def test_kinds_and_states_of_mails() -> None:
    check("mails", {f"kind {one}" for one in MailKind} | {f"state {one}" for one in MailState})


def test_names_of_files(at: Installation, history: dict[str, Any]) -> None:
    for arguments in (
        ("worker", "--once"),
        ("backup", "backup"),
        ("audit", "checkpoint", "--to", "checkpoints"),
        ("audit", "export", "export", "--organisation", "90000001"),
    ):
        done = at.call(*arguments)
        assert done["exit_code"] == 0, done["answer"]
    names = {str(path.relative_to(at.folder)) for path in at.folder.rglob("*") if path.is_file()}
    check("files", {_without_numbers(name) for name in names - history["files"].keys()})


def _without_numbers(name: str) -> str:
    name = re.sub(r"\d{8}T\d{6}\.\d{6}Z", "TIME", name)
    name = re.sub(r"-[0-9a-f]{8}(?=\.eml)", "-ID", name)
    return re.sub(r"\d+(?=\.checkpoint)", "SIZE", name)

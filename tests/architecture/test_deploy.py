"""Deployment files use commands and variables that exist, and the docs list all variables and findings."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from brugerbog.__main__ import commands
from brugerbog.application.diagnostics import findings
from brugerbog.application.diagnostics.checks import FindingKind

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "brugerbog"}
DROP_INS = sorted(DEPLOY.glob("*.service.d/*.conf"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
VARIABLE = re.compile(r"BRUGERBOG_[A-Z]+(?:_[A-Z]+)*")


def variables_in(*files: Path) -> set[str]:
    return {name for file in files for name in VARIABLE.findall(file.read_text("utf-8"))}


KNOWN = variables_in(*(ROOT / "src" / "brugerbog").rglob("*.py"))


def unit(name: str) -> dict[str, list[str]]:
    """Return the values of a unit by key; systemd allows a key more than once."""
    said: dict[str, list[str]] = {}
    for line in (DEPLOY / f"brugerbog-{name}.service").read_text("utf-8").splitlines():
        key, is_set, value = line.partition("=")
        if is_set and not line.startswith("#"):
            said.setdefault(key, []).append(value)
    return said


def calls() -> Iterator[tuple[str, list[str]]]:
    """Yield every call of the command line in the deployment files, with its place."""
    for name, service in OURS.items():
        yield f"compose {name}", service["command"]
        test = service.get("healthcheck", {}).get("test")
        if test:
            assert test[:2] == ["CMD", "brugerbog"]
            yield f"compose {name} healthcheck", test[2:]
    said = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert said is not None
    yield "Dockerfile", yaml.safe_load(said[1])
    for name in ("serve", "worker"):
        (start,) = unit(name)["ExecStart"]
        yield f"unit {name}", shlex.split(start)[1:]
    prose = "\n".join(
        one.read_text("utf-8") for one in (*DEPLOY.iterdir(), ROOT / "docs/operations.md") if one.is_file()
    )
    for told in sorted(set(re.findall(r"run --rm (?:prepare|command) ([a-z -]+[a-z])", prose))):
        yield f"told: {told}", told.split()


@pytest.mark.parametrize("arguments", [pytest.param(call, id=where) for where, call in calls()])
def test_every_call_is_valid_on_the_command_line(arguments: list[str]) -> None:
    command: Any = commands()
    context = None
    while hasattr(command, "commands"):
        name, arguments = arguments[0], arguments[1:]
        command = command.commands[name]
    context = command.make_context(name, list(arguments))
    assert context.args == []


def test_every_variable_that_is_set_is_read() -> None:
    files = [one for one in DEPLOY.iterdir() if one.is_file()]
    assert variables_in(*files) - KNOWN == set()


def test_the_table_of_settings_lists_every_variable_once() -> None:
    table = OPERATIONS.partition("## Settings")[2].partition("\n## ")[0]
    told = [
        name
        for row in table.splitlines()
        if row.startswith("| `")
        for name in VARIABLE.findall(row.split("|")[1])
    ]
    assert sorted(told) == sorted(KNOWN)


def test_the_list_of_findings_has_every_finding_that_is_not_ok() -> None:
    listed = TROUBLESHOOTING.partition("## Doctor findings")[2].partition("\n## ")[0]
    items = [line.partition(":")[0] for line in listed.splitlines() if line.startswith("- `")]
    written = re.findall(r"`([a-z_]+)`", "".join(items))
    known = [
        one.code for one in vars(findings).values() if isinstance(one, FindingKind) and one.level != "ok"
    ]
    assert sorted(set(written) & set(known)) == sorted(known)


def test_every_secret_of_the_services_is_generated_and_mounted(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "make-secrets.sh"
    script.parent.mkdir()
    script.write_text((DEPLOY / "make-secrets.sh").read_text("utf-8"))
    for code in (0, 1):
        assert subprocess.run(["sh", str(script)], capture_output=True, check=False).returncode == code
    drawn = {f"./secrets/{one.name}" for one in (script.parent / "secrets").iterdir()}
    assert {one["file"] for one in COMPOSE["secrets"].values()} == drawn
    assert {one.stat().st_mode & 0o777 for one in (script.parent / "secrets").iterdir()} == {0o600}
    for service in COMPOSE["services"].values():
        mounted = set(service.get("secrets", []))
        named = re.findall(r"/run/secrets/(\w+)", str(service.get("environment", "")))
        assert mounted >= set(named)
        assert mounted <= COMPOSE["secrets"].keys()


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a mapping that names a key twice, as Docker Compose does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        assert len(keys) == len(set(keys)), keys
        return super().construct_mapping(node, deep)


def test_the_compose_file_names_no_key_twice() -> None:
    yaml.load((DEPLOY / "compose.yaml").read_text("utf-8"), _UniqueKeys)  # noqa: S506 - a safe loader


def test_every_service_of_ours_may_open_as_many_files_as_the_server_needs() -> None:
    assert all(service["ulimits"]["nofile"] == 16384 for service in OURS.values())


def test_no_service_of_ours_writes_into_its_image_or_gains_privileges() -> None:
    for service in OURS.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_service_writes_a_core_dump_or_gains_privileges() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["ulimits"]["core"] == 0, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    for name in ("serve", "worker"):
        assert unit(name)["LimitCORE"] == ["0"]
        assert unit(name)["NoNewPrivileges"] == ["yes"]
    for drop_in in DROP_INS:
        lines = drop_in.read_text("utf-8").splitlines()
        assert {"LimitCORE=0", "NoNewPrivileges=yes"} <= set(lines), drop_in.name


def test_no_login_of_the_services_is_a_superuser() -> None:
    assert "POSTGRES_USER" not in COMPOSE["services"]["postgres"]["environment"]
    for name, service in COMPOSE["services"].items():
        if name not in ("postgres", "owner"):
            assert not [one for one in service.get("secrets", []) if one.startswith("superuser")], name
    owner = (DEPLOY / "postgresql-owner.sql").read_text("utf-8")
    assert "NOSUPERUSER" in owner


def test_every_third_party_image_has_a_place_for_its_digest() -> None:
    said = (DEPLOY / "compose.yaml").read_text("utf-8")
    images = re.findall(r"image: ((?:postgres|caddy)\S*)(.*)", said.split("x-brugerbog")[1])
    assert images
    assert all("@sha256:" in image + after for image, after in images)


def test_the_units_pass_systemds_own_check(tmp_path: Path) -> None:
    brugerbog = ROOT / ".venv" / "bin" / "brugerbog"
    if not brugerbog.exists() or not any(Path(one, "systemd-analyze").exists() for one in os.get_exec_path()):
        pytest.skip("there is no systemd here")
    for name in ("serve", "worker"):
        said = (DEPLOY / f"brugerbog-{name}.service").read_text("utf-8")
        (tmp_path / f"brugerbog-{name}.service").write_text(
            said.replace("/opt/brugerbog/bin/brugerbog", str(brugerbog))
        )
    for drop_in in DROP_INS:
        of = tmp_path / drop_in.parent.name.removesuffix(".d").replace("@", "@x")
        of.write_text("[Service]\nExecStart=/bin/true\n")
        (tmp_path / f"{of.name}.d").mkdir()
        (tmp_path / f"{of.name}.d" / drop_in.name).write_bytes(drop_in.read_bytes())
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.glob("*.service")))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")

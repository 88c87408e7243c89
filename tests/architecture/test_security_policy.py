"""SECURITY.md describes every dependency, and no other package."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_dependency_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    needed = {re.split(r"[\[<>=;, ]", one)[0] for group in groups for one in group} - {"brugerbog"}

    rows = [row.split("|") for row in (ROOT / "SECURITY.md").read_text("utf-8").splitlines() if "| " in row]
    described = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row[1])}

    assert described - {"starlette"} == needed

"""docs/scim.md is correct: its examples are sent, and its tables list every attribute."""

from __future__ import annotations

import re
from pathlib import Path

from brugerbog.entrypoints.scim.service_provider import PROVIDER
from tests.entrypoints.scim.scim_client import SCIM_JSON, ScimClient

PAGE = (Path(__file__).parents[3] / "docs" / "scim.md").read_text("utf-8")
EXAMPLE = re.compile(r"```http\n(\w+) (\S+) → (\d+)\n(.*?)```", re.DOTALL)


def test_each_example_gets_the_documented_answer(scim: ScimClient) -> None:
    user_id = ""
    for method, path, status, body in EXAMPLE.findall(PAGE):
        answer = scim.http.request(
            method,
            path.format(id=user_id),
            content=body or None,
            headers={"content-type": SCIM_JSON} if body else {},
        )
        assert answer.status_code == int(status), (method, path, answer.text)
        if method == "POST":
            user_id = answer.json()["id"]
        if method == "GET":
            (found,) = answer.json()["Resources"]
            assert (found["name"]["familyName"], found["phoneNumbers"][0]["value"]) == (
                "Holm Lund",
                "12345678",
            )


def test_every_attribute_is_in_a_table_of_the_page() -> None:
    tables = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    for schema in PROVIDER.schemas:
        for attribute in schema.attributes:
            assert re.search(rf"`{attribute.name}[`.]", tables), attribute.name

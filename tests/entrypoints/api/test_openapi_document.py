"""The API conforms to its OpenAPI document, whatever is sent to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from httpx2 import Client

from brugerbog.domain.organisation.clients import CLIENT_ROLES
from tests.e2e.served_pages import serve_pages
from tests.entrypoints.api.api_client import API, credentials, token_for
from tests.org_driver import OrgDriver

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,missing_required_header,unsupported_method,allow_header_conformance,"
    "use_after_free,ensure_resource_availability,ignored_auth"
)
"""All checks but two: a rule may refuse what fits the document, and unknown headers are ignored."""


def test_schemathesis_finds_nothing(org: OrgDriver, full: bool, tmp_path: Path) -> None:  # noqa: FBT001
    for serial, name in enumerate(("Anne", "Bo", "Cilla")):
        org.create_active(name, email=f"{name}{serial}@by.test")
    with serve_pages(org.service, org.clock) as stage:
        with Client(base_url=stage.address) as client:
            token = token_for(client, *credentials(org, *CLIENT_ROLES)[1:])
        found = subprocess.run(
            [
                SCHEMATHESIS, "run", f"{stage.address}{API}/openapi.json",
                "--header", f"Authorization: Bearer {token}",
                "--checks", CHECKS,
                "--phases", "examples,coverage,fuzzing,stateful" if full else "examples,stateful",
                "--max-examples", "50" if full else "2",
                "--exclude-path-regex", "/changes/stream|/clients/.*/revoke",
                "--seed", "1", "--no-color", "--continue-on-failure",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert found.returncode == 0, found.stdout

"""Mails in the outbox folder, and the links in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tests.entrypoints.cli.store_cli import StoreCli


@dataclass
class OutboxFolder:
    cli: StoreCli
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "BRUGERBOG_OUTBOX": str(self.folder),
            "BRUGERBOG_MAIL_FROM": "MitID Erhverv <mail@firma.test>",
            "BRUGERBOG_BASE_URL": "http://localhost:8000",
        }

    def run_worker(self) -> None:
        """Run the worker once."""
        self.cli.run_json("worker", "--once")

    def subjects_to(self, address: str) -> list[str]:
        return [subject for subject, _ in self._to(address)]

    def text_to(self, address: str) -> str:
        """Return the text of the latest mail."""
        return self._to(address)[-1][1]

    def link_to(self, address: str) -> str:
        """Run the worker, and return the link in the latest mail."""
        self.run_worker()
        found = re.search(r"http://localhost:8000/\S+", self.text_to(address))
        assert found
        return found[0]

    def _to(self, address: str) -> list[tuple[str, str]]:
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = message.get_body(("plain",))
            assert text is not None
            if address in str(message["To"]):
                found.append((str(message["Subject"]), str(text.get_content())))
        return found


def address_of(first_name: str) -> str:
    """Return the e-mail address of a user from `StoreCli.create_user`."""
    return f"{first_name.encode().hex()}@firma.test"

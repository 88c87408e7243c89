"""Mails as they lie in the outbox folder, and the links in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tests.entrypoints.cli.store_cli import Office


@dataclass
class Post:
    office: Office
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "BRUGERBOG_OUTBOX": str(self.folder),
            "BRUGERBOG_MAIL_FROM": "MitID Erhverv <mail@firma.test>",
            "BRUGERBOG_BASE_URL": "http://localhost:8000",
        }

    def deliver(self) -> None:
        """Let a worker take a turn."""
        self.office.ask("worker", "--once")

    def subjects_to(self, address: str) -> list[str]:
        return [subject for subject, _ in self._to(address)]

    def text_to(self, address: str) -> str:
        """The latest mail."""
        return self._to(address)[-1][1]

    def link_to(self, address: str) -> str:
        """The link in the latest mail, once it is delivered."""
        self.deliver()
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
    """The address that `Office.create` gives."""
    return f"{first_name.encode().hex()}@firma.test"

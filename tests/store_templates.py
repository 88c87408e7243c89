"""Empty stores that are created once a process and copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import brugerbog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import PostgresServer


class StoreTemplates:
    """One empty store of each engine, created at the first copy.

    The master key of a copy is `master.key` in the folder of the test.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database: str | None = None

    def copy_sqlite(self, folder: Path) -> str:
        """Copy the SQLite store into a folder; return its URL."""
        original = self._folder / "sqlite"
        if not original.exists():
            original.mkdir()
            _prepare(f"sqlite:///{original / 'store.db'}", original)
        shutil.copytree(original, folder, dirs_exist_ok=True)
        return f"sqlite:///{folder / 'store.db'}"

    def copy_postgres(self, server: PostgresServer, folder: Path) -> str:
        """Copy the PostgreSQL store and its key; return the name of the new database."""
        original = self._folder / "postgres"
        if self._database is None:
            original.mkdir()
            self._database = server.create_database()
            _prepare(server.url(self._database), original)
        shutil.copytree(original, folder, dirs_exist_ok=True)
        return server.create_database(template=self._database)


def _prepare(url: str, folder: Path) -> None:
    brugerbog.open(url, master_key_file=folder / "master.key").close()

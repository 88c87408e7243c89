"""The environment of the demo: its folder, the calls of the command line, and the sent mails."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import sys
import textwrap
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.service import Service

    Run = Callable[[list[str]], int]

_BASE_URL: Final = "http://localhost:8000"
_MAIL_FILE_NAME: Final = re.compile(r"\.?\d{8}T\d{6}\.\d{6}Z-[a-z_]+-[0-9a-f]{8}\.eml(\.[0-9a-f]{8})?")
_WIDTH: Final = 92


class Stage:
    """The folder with the demo's store and mails, and the execution of the demo's calls.

    `failed` lists the calls and mails that were not as expected; `store` is a URL.
    """

    def __init__(self, folder: Path, run: Run, base_url: str = _BASE_URL) -> None:
        """Set the folder, the function that executes a call, and the base URL of links in mails."""
        self.store = f"sqlite:///{folder / 'demo.db'}"
        self.failed: list[str] = []
        self.folder = folder
        self.outbox = folder / "outbox"
        self._base_url = base_url
        self._run_cli = run

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables of the demo's installation."""
        return {
            "BRUGERBOG_STORE": self.store,
            "BRUGERBOG_OUTBOX": str(self.outbox),
            "BRUGERBOG_MAIL_FROM": "MitID Erhverv <demo@fjordkoebing.example>",
            "BRUGERBOG_BASE_URL": self._base_url,
        }

    @contextmanager
    def set_up(self) -> Iterator[None]:
        """Clear the folder, and hide the environment variables of a real installation within the block.

        Raises: InvalidUsage, if another demo runs in the folder, or the folder has files of others.
        """
        with self._locked_folder():
            self._clear()
            with self._own_environment():
                yield

    @contextmanager
    def _locked_folder(self) -> Iterator[None]:
        """Lock the folder against other demos. The operating system releases the lock even after a crash."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise InvalidUsage(
                f"Demoen kører allerede i {self.folder}. Stop den, eller vælg en anden mappe med --folder."
            ) from None
        finally:
            os.close(descriptor)

    @contextmanager
    def _own_environment(self) -> Iterator[None]:
        environment = os.environ  # noqa: TID251 - the demo's calls of the CLI read it
        before = {name: value for name, value in environment.items() if name.startswith("BRUGERBOG_")}
        for name in before:
            del environment[name]
        environment.update(self.settings)
        try:
            yield
        finally:
            for name in self.settings:
                environment.pop(name, None)
            environment.update(before)

    def open(self) -> Service:
        """Open the demo's store."""
        from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

        return open_service(self.store, create=False)

    def scene(self, text: str) -> None:
        """Write the English heading of a scene to stdout."""
        sys.stdout.write(f"\n\033[1m▸ {text}\033[0m\n" if sys.stdout.isatty() else f"\n▸ {text}\n")
        sys.stdout.flush()

    def call(
        self, *arguments: str, expected: int = 0, typed: tuple[str, ...] = (), shown: str = ""
    ) -> list[str]:
        """Print and execute a call of the CLI; return its output lines.

        `expected` is the exit code, `typed` the lines of standard input, and `shown` the shell text printed
        in front of the call to show where they come from.
        """
        sys.stdout.write(f"$ {shown}brugerbog {shlex.join(arguments)}\n")
        sys.stdout.flush()
        recorder = _Recorder(sys.stdout)
        stdin, sys.stdin = sys.stdin, StringIO("".join(f"{line}\n" for line in typed))
        try:
            with redirect_stdout(cast("TextIO", recorder)):
                code = self._run_cli(list(arguments))
        finally:
            sys.stdin = stdin
        if code != expected:
            self.failed.append(" ".join(arguments))
        sys.stdout.flush()
        return recorder.text.splitlines()

    def latest_mail_to(self, address: str) -> str:
        """Return the subject and plain text of the latest mail to an address, or "" (a failure) if none."""
        from email import message_from_bytes, policy  # noqa: PLC0415 - help must be quick

        for path in sorted(self.outbox.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = message.get_body(("plain",))
            if address in str(message["To"]) and text is not None:
                return f"{message['Subject']}\n\n{text.get_content()}"
        self.failed.append(f"no mail to {address}")
        return ""

    def link_in(self, mail: str) -> str:
        """Return the first link to the demo's web pages in a mail, or ""."""
        found = re.search(rf"{re.escape(self._base_url)}/\S+", mail)
        return found[0] if found else ""

    def print_mail(self, mail: str) -> None:
        """Write the text of a mail to stdout, wrapped."""
        for line in mail.strip().splitlines():
            for part in textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]:
                sys.stdout.write(f"  │ {part}\n")

    def _clear(self) -> None:
        """Remove an earlier demo's files only. Raises: InvalidUsage, if the folder has files but no mark."""
        mark = self.folder / "demo.mark"
        if any(self.folder.iterdir()) and not mark.exists():
            raise InvalidUsage(
                f"I {self.folder} ligger filer, som demoen ikke har lavet. Vælg en anden mappe."
            )
        for subfolder in ("demo.checkpoints", "demo.export"):
            shutil.rmtree(self.folder / subfolder, ignore_errors=True)
        for file in self.folder.glob("demo.*"):
            file.unlink()
        if self.outbox.is_dir() and not self.outbox.is_symlink():
            for file in self.outbox.iterdir():
                if _MAIL_FILE_NAME.fullmatch(file.name):
                    file.unlink()
        mark.touch()


def examples() -> Path:
    """Return the folder of the shipped examples, in the package or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "examples", package.parent.parent / "examples"):
        if (place / "brugere.csv").exists():
            here = Path.cwd()
            return place.relative_to(here) if place.is_relative_to(here) else place
    raise InvalidUsage("Eksemplerne mangler i denne installation.")


class _Recorder:
    """A wrapper of standard output that also records the text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return self._out.write(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever standard output has
        return getattr(self._out, name)

"""Serves the demo's pages: the one place that lets people in without asking who they are.

No setting leads here, nor does `brugerbog serve`: it has a store of its own, made anew, and only this machine
reaches it.
"""

from __future__ import annotations

import sys
import tomllib
import webbrowser
from threading import Thread
from typing import TYPE_CHECKING, Final

from brugerbog.demo.stage import Stage, examples
from brugerbog.entrypoints.cli.operations.serve import require_web_pages
from brugerbog.entrypoints.cli.output import print_message
from brugerbog.entrypoints.cli.stop_signals import stop_on_signal
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from socket import socket

    Run = Callable[[list[str]], int]

_HOST: Final = "127.0.0.1"
_PORTS_TRIED: Final = 100


def serve_demo(folder: Path, run: Run, first_port: int) -> None:
    """Fill a new store, and serve its pages until a stop signal; their address is written to stdout.

    Raises: InvalidUsage, where there is no free port, or another demo at work in the folder.
    """
    require_web_pages()
    from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick
    from brugerbog.demo.login import DemoLogin  # noqa: PLC0415 - as above
    from brugerbog.demo.town import SetBackClock, fill_store  # noqa: PLC0415 - as above
    from brugerbog.entrypoints.server import serving  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.system import SystemClock  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.web.settings import WebSettings  # noqa: PLC0415 - as above

    shipped = examples()
    with _listening(first_port) as listening:
        address = f"http://{_HOST}:{listening.getsockname()[1]}"
        stage, clock = Stage(folder, run, address), SetBackClock(SystemClock())
        with stop_on_signal() as stop, stage.set_up():
            print_message("Gør demoen klar …")
            with open_service(stage.store, clock=clock, catches_up=False) as service:
                settings = tomllib.loads((shipped / "organisation.toml").read_text("utf-8"))
                town = fill_store(service, clock, settings, shipped / "brugere.csv", stage.outbox)
                web = WebSettings(base_url=address)
                app = serving.application(service, web, DemoLogin(town.people, town.papers, stage.outbox))
                if not stop.is_set():
                    service.scheduler.start()
                    sys.stdout.write(f"{address}\n")
                    sys.stdout.flush()
                    print_message("Åbn adressen i en browser. Alle personer er opdigtede. Stop med Ctrl+C.")
                    open_browser(address)
                    serving.serve(app, web, listening, stop)
    print_message("Stoppet.")


def _listening(first_port: int) -> socket:
    from brugerbog.entrypoints.server import serving  # noqa: PLC0415 - help must be quick

    for port in range(first_port, min(first_port + _PORTS_TRIED, 65_536)):
        try:
            return serving.listen(_HOST, port)
        except OSError:
            continue
    raise InvalidUsage("Der er ingen ledig port til demoen. Vælg en anden med --port.", param_hint="--port")


def open_browser(address: str) -> None:
    """Open the pages in a browser if stdout is a terminal, but in no browser that runs in the terminal."""
    if not sys.stdout.isatty():
        return
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        Thread(target=_open, args=(browser, address), daemon=True).start()


def _open(browser: webbrowser.BaseBrowser, address: str) -> None:
    try:
        browser.open(address)
    except (OSError, webbrowser.Error):
        return

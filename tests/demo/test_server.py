"""`brugerbog demo` as a process: it serves fictitious people, and stops on a signal."""

import os
import re
import signal
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from socket import create_server
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from bs4 import BeautifulSoup

from brugerbog.demo.server import open_browser
from tests.entrypoints.cli.cli_runner import SCRIPT, USAGE, run_cli
from tests.entrypoints.cli.operations.test_serve import PATIENCE, free_port, stop

Process = subprocess.Popen[str]


@contextmanager
def playing(folder: Path, port: int) -> Iterator[Process]:
    process = subprocess.Popen(
        [SCRIPT, "demo", "--folder", folder, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def demo(own_folder: Path) -> Iterator[Process]:
    with playing(own_folder / "demo", free_port()) as process:
        yield process


def address(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def look(browser: OpenerDirector, url: str, **fields: str) -> BeautifulSoup:
    data = urlencode(fields).encode() if fields else None
    asked = Request(url, data, {"sec-fetch-site": "same-origin"})  # noqa: S310 - an address of our own
    with browser.open(asked, timeout=PATIENCE) as answer:
        return BeautifulSoup(answer.read(), "html.parser")


def test_a_login_as_a_fictitious_person_shows_the_list(demo: Process, own_folder: Path) -> None:
    at, browser = address(demo), build_opener(HTTPCookieProcessor(CookieJar()))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", at)
    (form,) = [one for one in look(browser, at).select("form") if one.get("action") == "/log-ind"]
    assert "Log ind" in form.text
    (mads,) = [
        one for one in look(browser, f"{at}/demo/log-ind").select("form") if "Mads Engelund" in one.text
    ]
    users = look(browser, f"{at}/demo/log-ind", person=str(mads.select_one("[name=person]")["value"]))  # type: ignore[index]
    assert "André Holm" in {one.text for one in users.select("td[data-title=Navn]")}
    assert "Importerede brugere" in users.text
    code, output = stop(demo)
    assert (code, output.rstrip().splitlines()[-1]) == (0, "Stoppet.")
    assert {path.name for path in own_folder.iterdir()} == {"demo"}


def test_it_stops_on_ctrl_c_too(demo: Process) -> None:
    address(demo)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(PATIENCE) == 0


def test_it_stops_while_it_is_being_made_ready(demo: Process) -> None:
    assert demo.stderr is not None
    demo.stderr.readline()
    assert stop(demo)[0] == 0


def test_a_port_in_use_is_passed_over(own_folder: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with playing(own_folder / "demo", port) as process:
            assert int(address(process).rpartition(":")[2]) > port


def test_a_second_one_in_the_same_folder_leaves_the_first_alone(demo: Process, own_folder: Path) -> None:
    at = address(demo)
    for options in ((), ("--terminal",)):
        answer = run_cli("demo", "--folder", str(own_folder / "demo"), *options)
        assert (answer.code, "kører allerede" in answer.err) == (USAGE, True)
    assert "hvem vil du være" in look(build_opener(), f"{at}/demo/log-ind").text


def test_nothing_of_the_real_installation_is_used(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRUGERBOG_STORE", f"sqlite:///{own_folder / 'real.db'}")
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "real.key"))
    monkeypatch.setenv("BRUGERBOG_OIDC_ISSUER", "http://127.0.0.1:9")
    monkeypatch.setenv("BRUGERBOG_SMTP_URL", "smtp://127.0.0.1:1")
    with playing(own_folder / "demo", free_port()) as process:
        address(process)
        assert stop(process)[0] == 0
    assert {path.name for path in own_folder.iterdir()} == {"demo"}


class Opened(webbrowser.BackgroundBrowser):
    """A fake graphical browser."""

    def __init__(self) -> None:
        super().__init__(os.devnull)
        self.asked = threading.Event()

    def open(self, url: str, *_: object) -> bool:
        self.asked.set()
        raise OSError(url)


@pytest.mark.parametrize(("is_terminal", "opens"), [(True, True), (False, False)])
def test_a_browser_is_opened_only_with_a_terminal(
    monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, opens: bool
) -> None:
    browser = Opened()
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    open_browser("http://127.0.0.1:1")
    assert browser.asked.wait(PATIENCE if opens else 0.1) is opens


def test_a_machine_without_a_browser_or_with_one_in_the_terminal_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(webbrowser.GenericBrowser, "open", lambda *_: pytest.fail("it was opened"))
    for get in (none, lambda: webbrowser.GenericBrowser("w3m")):
        monkeypatch.setattr(webbrowser, "get", get)
        open_browser("http://127.0.0.1:1")

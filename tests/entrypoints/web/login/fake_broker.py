"""A broker on a loopback port that says whatever a test wants it to say, and keeps count of who asks."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "brugerbog", "en-hemmelighed-paa-over-tredive-to-tegn"
SHARED_KEY = OctKey.import_key(SECRET, {"kid": "delt"})
SUBJECT = "et-emne-hos-brokeren"
ACCESS_TOKEN = "et-adgangstoken-som-ingen-maa-se"


@dataclass
class FakeBroker:
    """As honest as can be, until one of these is changed."""

    issuer: str
    key: RSAKey
    claims: dict[str, Any] = field(default_factory=dict)
    "What the ID token says besides what it must."

    instead: dict[str, Any] = field(default_factory=dict)
    "What it says instead of what it must; None leaves it out."

    userinfo: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signed_by: RSAKey | None = None
    more_keys: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    "Path and what is answered there instead: status and body."

    slow: float = 0
    asked: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    "What came to the token endpoint, with the credentials as `basic`."

    nonces: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    tokens: list[str] = field(default_factory=list)

    close: Callable[[], None] = lambda: None
    """Answers nothing any more."""

    def grant(self, nonce: str) -> str:
        """A code for whoever has been asked about with this nonce."""
        code = f"kode-nummer-{len(self.nonces)}"
        self.nonces[code] = nonce
        return code

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        self.asked[path] += 1
        time.sleep(self.slow)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._metadata())
        if path == "/jwks":
            return 200, json.dumps({"keys": [self.key.as_dict(private=False), *self.more_keys]})
        if path == "/token":
            return self._token(form)
        if path == "/userinfo" and self.userinfo is not None:
            return 200, json.dumps({"sub": SUBJECT} | self.userinfo)
        return 404, "{}"

    def _metadata(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        if self.userinfo is not None:
            told["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        return told | self.metadata

    def _token(self, form: dict[str, str]) -> tuple[int, str]:
        self.forms.append(form)
        code = form.get("code", "")
        if code not in self.nonces or code in self.used:
            return 400, json.dumps({"error": "invalid_grant", "error_description": "Ida Prøve, 070961"})
        self.used.add(code)
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": now, "exp": now + 300}
        said["auth_time"] = now
        said |= {"nonce": self.nonces[code]} | self.claims | self.instead
        token = self._signed({name: value for name, value in said.items() if value is not None})
        self.tokens.append(token)
        answer = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return 200, json.dumps(answer)

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self.signed_by or self.key
        if self.algorithm == "none":
            parts = ({"alg": "none"}, claims)
            return ".".join(
                [*(urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), ""]
            )
        signer = SHARED_KEY if self.algorithm == "HS256" else key
        header = {"alg": self.algorithm, "kid": signer.kid}
        return jws.serialize_compact(header, json.dumps(claims), signer, algorithms=[self.algorithm])


@contextmanager
def serve_fake_broker() -> Iterator[FakeBroker]:
    """One that answers until it is done with."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*broker.answer(self.path.partition("?")[0], {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            if said := self.headers.get("authorization", "").removeprefix("Basic "):
                form["basic"] = b64decode(said).decode()
            self._say(*broker.answer(self.path, form))

        def _say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    broker = FakeBroker(f"http://127.0.0.1:{server.server_port}", a_key("brokerens"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def close() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    broker.close = close
    try:
        yield broker
    finally:
        close()


@cache
def a_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})

"""Fifty clients follow the change stream: no change is skipped or repeated, and memory stays bounded."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Limits, Timeout

from brugerbog.domain.kernel.roles import Role
from tests.coroutines import run_in_own_thread
from tests.entrypoints.api.api_client import API, credentials
from tests.entrypoints.cli.operations.test_serve import answered, free_port, serving, stop
from tests.org_driver import OrgDriver, open_org

CLIENTS = 50
MEBIBYTE = 1 << 20
SLACK = 24 * MEBIBYTE
PATIENCE = 120


@dataclass
class StreamClient:
    """A client of the change stream with its own pace, which reconnects after a break."""

    pause: float = 0
    leaves_after: int | None = None
    positions: list[int] = field(default_factory=list)
    ended: str = ""

    async def follow(self, client: AsyncClient, token: str, after: int, count: int) -> None:
        headers = {"authorization": f"Bearer {token}"}
        asked: dict[str, int] = {"after": after}
        while len(self.positions) < count and not self.ended:
            async with client.stream("GET", f"{API}/changes/stream", params=asked, headers=headers) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                received = 0
                async for kind, position in stream_events(answer.aiter_lines()):
                    if kind == "end":
                        self.ended = kind
                        return
                    self.positions.append(position)
                    received += 1
                    await asyncio.sleep(self.pause)
                    if received == self.leaves_after or len(self.positions) >= count:
                        break
            headers["last-event-id"] = str(self.positions[-1])

    async def wait_for_the_end(self, client: AsyncClient, token: str) -> None:
        """Follow the changes from now on until the server sends the event `end`."""
        headers = {"authorization": f"Bearer {token}"}
        async with client.stream("GET", f"{API}/changes/stream", headers=headers) as answer:
            async for kind, _ in stream_events(answer.aiter_lines()):
                self.ended = kind


async def stream_events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, int]]:
    """Yield the kind and the position of each event of a stream."""
    fields: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], int(fields.get("id", 0))
            fields = {}
        else:
            fields = {}


@pytest.fixture
def org(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OrgDriver]:
    with open_org(postgres_url, tmp_path) as org:
        monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
        yield org


def memory_of(processes: list[int]) -> int:
    """Return the resident memory of the processes together, in bytes."""
    pages = (int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in processes)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def children_of(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


async def follow_all(
    org: OrgDriver, address: str, token: str, changes: int, processes: list[int]
) -> tuple[list[StreamClient], list[int], list[int]]:
    """Let all clients follow while a user is edited.

    Return the clients, the positions of the changes, and memory in bytes at a quarter and at the end.
    """
    user_id, after = org.create("Ida"), org.queries.position()
    clients = [
        StreamClient(pause=0.01),
        StreamClient(leaves_after=7),
        *(StreamClient() for _ in range(CLIENTS - 2)),
    ]
    limits, no_limit = Limits(max_connections=CLIENTS), Timeout(PATIENCE)
    memory = []
    async with AsyncClient(base_url=address, limits=limits, timeout=no_limit) as client:
        at_work = [asyncio.create_task(one.follow(client, token, after, changes)) for one in clients]
        for serial in range(changes):
            await asyncio.to_thread(org.edit, user_id, phone=f"{10_000_000 + serial}")
            if serial == changes // 4:
                memory.append(memory_of(processes))
        await asyncio.gather(*at_work)
        memory.append(memory_of(processes))
    page = org.queries.changes(org.actor, after=after, limit=1000)
    expected = [one.position for one in page.changes]
    while page.more:
        page = org.queries.changes(org.actor, after=page.position, limit=1000)
        expected += [one.position for one in page.changes]
    return clients, expected, memory


def test_each_client_receives_each_change_once(org: OrgDriver, postgres_url: str, full: bool) -> None:  # noqa: FBT001
    port, changes = free_port(), 5000 if full else 60
    address, shown = f"http://127.0.0.1:{port}", credentials(org, Role.READER)[1:]
    with serving(postgres_url, port, "--workers", "2") as process:
        answered(port)
        token = run_in_own_thread(_token(address, *shown))
        processes = children_of(process.pid)
        clients, expected, memory = run_in_own_thread(follow_all(org, address, token, changes, processes))
        assert len(expected) == changes
        for one in clients:
            assert one.positions == expected
        assert memory[1] - memory[0] < SLACK
        begun = time.monotonic()
        late, code = run_in_own_thread(_stopped_while_listening(address, token, process))
        assert (code, time.monotonic() - begun < 15) == (0, True)
        assert {one.ended for one in late} == {"end"}


async def _token(address: str, public_id: str, secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    async with AsyncClient(base_url=address) as client:
        token: str = (await client.post(f"{API}/token", data=form)).json()["access_token"]
        return token


async def _stopped_while_listening(
    address: str, token: str, process: object
) -> tuple[list[StreamClient], int]:
    clients = [StreamClient() for _ in range(5)]
    async with AsyncClient(base_url=address, timeout=Timeout(PATIENCE)) as client:
        at_work = [asyncio.create_task(one.wait_for_the_end(client, token)) for one in clients]
        await asyncio.sleep(1)
        code, _ = await asyncio.to_thread(stop, process)
        await asyncio.gather(*at_work)
    return clients, code

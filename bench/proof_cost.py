"""The cost of proofs and encryption for a command: each left out in turn, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

_RUN = """
import sys, time
from datetime import date
import brugerbog
from brugerbog.application.actors import operator
from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.infrastructure.crypto import vault
from brugerbog.infrastructure.event_store import appender, recorder
from tests.people import made_up_cpr

class NoTree:
    def __init__(self, size):
        self.size = size
    @classmethod
    def from_bytes(cls, size, blob):
        return cls(size)
    def append(self, leaf):
        self.size += 1
    def to_bytes(self):
        return b""

if sys.argv[2] == "proof":
    appender.leaf_hash_of = recorder.leaf_hash_of = lambda row, encoder: b""
    appender.Frontier = NoTree
if sys.argv[2] == "sealing":
    vault.Vault.seal = lambda self, key, place, personal: (personal, bytes(32))
    vault.Vault.open = lambda self, key, place, box, committed: box
count = int(sys.argv[3])
with brugerbog.open(sys.argv[1], projections=()) as service:
    do = service.administration
    do.register_organisation(operator(), cvr="90000001", name="Maalt")
    me, made = service.operator(), []
    def create(serial):
        cpr = made_up_cpr(date(1950 + serial // 250, 2, 1 + serial % 25), serial % 250 // 25)
        new = NewUser(first_name="Aase", surname="Baek", email=f"a{serial}@b.test", cpr=cpr)
        made.append(do.create_user(me, new).subject)
    for serial in range(50):
        create(serial)
    begun = time.process_time()
    for serial in range(50, 50 + count):
        create(serial)
    for user_id in made[-count:]:
        do.edit_user(me, user_id, UserEdits(phone="20000001"))
    print((time.process_time() - begun) / count / 2)
"""


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: the added time of a command with proofs and with encryption."""
    count, runs = (200, 3) if size == "quick" else (2_000, 9)
    taken: dict[str, list[float]] = {"nothing": [], "proof": [], "sealing": []}
    for run in range(runs):
        for left_out, seconds in taken.items():
            with TemporaryDirectory() as folder:
                printed = subprocess.run(
                    [sys.executable, "-c", _RUN, f"sqlite:///{folder}/{run}.db", left_out, str(count)],
                    check=True,
                    capture_output=True,
                ).stdout
            seconds.append(float(printed))
    whole, unproved, unsealed = (median(seconds) for seconds in taken.values())
    title = "in a single command (create, change; SQLite; processor time)"
    return [
        (
            f"Share of the tree hash {title}",
            f"{(whole - unproved) / whole:.1%} of {whole * 1e6:.0f} µs",
            "≤ 5 %",
        ),
        (f"Share of encryption {title}", f"{(whole - unsealed) / whole:.1%}", "≤ 10 %"),
    ]

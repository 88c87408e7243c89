"""The log's hashing, against its specification, its published vectors and a naive reading of RFC 6962."""

import json
import re
from collections.abc import Iterable
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.infrastructure.crypto.tree_hash import Frontier, LeafEncoder, LeafFields, commitment, leaf_hash

VECTORS = json.loads(
    (Path(__file__).parents[1] / "transparency_log/log_format_vectors.json").read_text("utf-8")
)
SPECIFICATION = Path(__file__).parents[3] / "docs" / "log-format.md"
LOG_ID = UUID(VECTORS["log_id"])
# The inputs that the Certificate Transparency implementations publish for RFC 6962, and their root.
RFC_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
RFC_ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"

a_hash = st.binary(min_size=32, max_size=32)
an_id = st.binary(min_size=16, max_size=16)
a_64_bit_number = st.integers(0, 2**64 - 1)
an_event = st.builds(
    LeafFields,
    position=st.integers(1, 2**64 - 1),
    organisation_id=an_id,
    stream_id=an_id,
    version=a_64_bit_number,
    topic=st.text(st.characters(codec="utf-8"), max_size=40),
    schema_version=st.integers(0, 2**32 - 1),
    recorded_at_us=st.integers(-(2**63), 2**63 - 1),
    actor=an_id,
    command_id=an_id,
    payload=st.binary(max_size=200),
    commitment=st.none() | a_hash,
)


def merkle_tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + merkle_tree_hash(leaves[:k]) + merkle_tree_hash(leaves[k:])).digest()


def values_in_order(log_id: UUID, event: dict[str, Any]) -> list[bytes]:
    """The field table of the specification, field by field."""
    return [
        b"brugerbog-leaf-v1",
        log_id.bytes,
        event["position"].to_bytes(8, "big"),
        event["organisation_id"],
        event["stream_id"],
        event["version"].to_bytes(8, "big"),
        event["topic"].encode("utf-8"),
        event["schema_version"].to_bytes(4, "big"),
        event["recorded_at_us"].to_bytes(8, "big", signed=True),
        event["actor"],
        event["command_id"],
        event["payload"],
        event["commitment"] or b"",
    ]


def length_prefixed(values: list[bytes]) -> bytes:
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def event_of(vector: dict[str, Any]) -> dict[str, Any]:
    ids = ("organisation_id", "stream_id", "actor", "command_id")
    numbers_and_topic = ("position", "version", "topic", "schema_version", "recorded_at_us")
    return {
        **{name: UUID(vector[name]).bytes for name in ids},
        **{name: vector[name] for name in numbers_and_topic},
        "payload": vector["payload"].encode("utf-8"),
        "commitment": bytes.fromhex(vector["commitment"]),
    }


def repeated_leaf_hashes(size: int) -> list[bytes]:
    return list(islice(cycle(bytes.fromhex(leaf["leaf_hash"]) for leaf in VECTORS["leaves"]), size))


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def flat(value: object, path: str = "") -> dict[str, str]:
    """The vectors as the specification prints them: one path, one value."""
    if isinstance(value, dict):
        return {k: v for key, one in value.items() for k, v in flat(one, f"{path}.{key}".lstrip(".")).items()}
    if isinstance(value, list):
        return {k: v for at, one in enumerate(value) for k, v in flat(one, f"{path}[{at}]").items()}
    return {path: str(value)}


@pytest.mark.parametrize("vector", VECTORS["leaves"])
def test_a_published_leaf_has_its_published_bytes_and_hash(vector: dict[str, Any]) -> None:
    encoder = LeafEncoder(LOG_ID)
    assert encoder.leaf_bytes(**event_of(vector)).hex() == vector["leaf_bytes"]
    assert encoder.leaf_hash(**event_of(vector)).hex() == vector["leaf_hash"]


@pytest.mark.parametrize("size", range(len(VECTORS["roots"])))
def test_a_tree_over_the_published_leaves_has_its_published_root(size: int) -> None:
    assert frontier_of(repeated_leaf_hashes(size)).root().hex() == VECTORS["roots"][size]


def test_the_frontier_of_the_largest_published_tree_is_the_published_one() -> None:
    frontier = frontier_of(repeated_leaf_hashes(7))
    assert [frontier.to_bytes()[at : at + 32].hex() for at in (0, 32, 64)] == VECTORS["frontier_of_7"]


def test_the_published_commitment_is_reproduced() -> None:
    vector = VECTORS["commitment"]
    made = commitment(bytes.fromhex(vector["salt"]), vector["personal_json"].encode("utf-8"))
    assert made.hex() == vector["commitment"] == VECTORS["leaves"][0]["commitment"]


def test_the_published_sealed_box_opens_to_the_salt_and_the_personal_part() -> None:
    vector, committed = VECTORS["sealed_box"], VECTORS["commitment"]
    box = bytes.fromhex(vector["sealed_box"])
    associated = (
        b"brugerbog-sealed-v1"
        + UUID(vector["organisation_id"]).bytes
        + UUID(vector["stream_id"]).bytes
        + vector["version"].to_bytes(8, "big")
    )
    assert (box[0], box[1:13].hex(), associated.hex()) == (1, vector["nonce"], vector["associated_data"])
    plaintext = AESGCM(bytes.fromhex(vector["key"])).decrypt(box[1:13], box[13:], associated)
    assert plaintext.hex() == vector["plaintext"]
    assert plaintext == bytes.fromhex(committed["salt"]) + committed["personal_json"].encode("utf-8")


def test_the_specification_prints_the_same_vectors() -> None:
    _, _, section = SPECIFICATION.read_text(encoding="utf-8").partition("\n## Test vectors\n")
    printed = [
        line for block in re.findall(r"```text\n(.*?)```", section, re.DOTALL) for line in block.splitlines()
    ]
    assert printed == [f"{path} = {value}".rstrip() for path, value in flat(VECTORS).items()]


@given(log_id=st.uuids(), event=an_event)
def test_a_leaf_is_the_specified_fields_each_after_its_length(log_id: UUID, event: dict[str, Any]) -> None:
    specified = length_prefixed(values_in_order(log_id, event))
    assert LeafEncoder(log_id).leaf_bytes(**event) == specified
    assert LeafEncoder(log_id).leaf_hash(**event) == sha256(b"\x00" + specified).digest()


@pytest.mark.parametrize("field", LeafFields.__annotations__)
@given(event=an_event, other=an_event)
def test_a_change_of_any_one_field_changes_the_leaf_hash(
    field: str, event: dict[str, Any], other: dict[str, Any]
) -> None:
    changed = {**event, field: other[field]}
    encoder = LeafEncoder(LOG_ID)
    assert (encoder.leaf_hash(**changed) == encoder.leaf_hash(**event)) == (other[field] == event[field])


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 2},
        {"organisation_id": b"O" * 15 + b"x"},
        {"stream_id": b"S" * 15 + b"x"},
        {"version": 2},
        {"topic": "user.create"},
        {"schema_version": 2},
        {"recorded_at_us": 2},
        {"actor": b"A" * 15 + b"x"},
        {"command_id": b"C" * 15 + b"x"},
        {"payload": b"{} "},
        {"commitment": None},
        {"organisation_id": b"O" * 15 + b"S", "stream_id": b"S" * 15 + b"O"},
        {"actor": b"C" * 16, "command_id": b"A" * 16},
    ],
)
def test_the_smallest_change_changes_the_leaf_hash(changes: dict[str, Any]) -> None:
    event: dict[str, Any] = {
        "position": 1,
        "organisation_id": b"O" * 16,
        "stream_id": b"S" * 16,
        "version": 1,
        "topic": "user.created",
        "schema_version": 1,
        "recorded_at_us": 1,
        "actor": b"A" * 16,
        "command_id": b"C" * 16,
        "payload": b"{}",
        "commitment": b"H" * 32,
    }
    encoder = LeafEncoder(LOG_ID)
    assert encoder.leaf_hash(**{**event, **changes}) != encoder.leaf_hash(**event)


@given(event=an_event, log_ids=st.lists(st.uuids(), min_size=2, max_size=2, unique=True))
def test_the_same_event_in_another_log_has_another_leaf_hash(
    event: dict[str, Any], log_ids: list[UUID]
) -> None:
    here, there = (LeafEncoder(log_id).leaf_hash(**event) for log_id in log_ids)
    assert here != there


@given(event=an_event, stolen=a_hash)
def test_bytes_moved_from_the_payload_to_the_commitment_change_the_leaf_hash(
    event: dict[str, Any], stolen: bytes
) -> None:
    whole = {**event, "payload": event["payload"] + stolen, "commitment": None}
    moved = {**event, "commitment": stolen}
    encoder = LeafEncoder(LOG_ID)
    assert encoder.leaf_hash(**whole) != encoder.leaf_hash(**moved)


@given(event=an_event.filter(lambda event: event["payload"]), schema_version=st.integers(0, 2**23 - 1))
def test_fields_all_cut_one_byte_later_out_of_the_same_bytes_change_the_leaf_hash(
    event: dict[str, Any], schema_version: int
) -> None:
    event = {**event, "schema_version": schema_version}  # its first byte can end a topic
    at, names = 0, ("schema_version", "recorded_at_us", "actor", "command_id", "payload")
    _, _, _, _, _, _, _, *fields, _ = values_in_order(LOG_ID, event)
    run, cut = b"".join(fields), {}
    for name, value in zip(names, fields, strict=True):
        cut[name], at = run[at + 1 : at + 1 + len(value)], at + len(value)
    shifted = {
        **event,
        **cut,
        "topic": event["topic"] + chr(run[0]),
        "schema_version": int.from_bytes(cut["schema_version"], "big"),
        "recorded_at_us": int.from_bytes(cut["recorded_at_us"], "big", signed=True),
    }
    assert b"".join(values_in_order(LOG_ID, shifted)) == b"".join(values_in_order(LOG_ID, event))
    assert LeafEncoder(LOG_ID).leaf_hash(**shifted) != LeafEncoder(LOG_ID).leaf_hash(**event)


@pytest.mark.parametrize(
    "unfit",
    [
        {"position": 0},
        {"position": 2**64},
        {"version": -1},
        {"schema_version": 2**32},
        {"recorded_at_us": 2**63},
        {"organisation_id": b"O" * 15},
        {"stream_id": b"S" * 17},
        {"actor": b""},
        {"command_id": b"C" * 32},
        {"topic": "\ud800"},
        {"commitment": b"H" * 31},
    ],
)
def test_a_field_that_does_not_fit_is_refused(unfit: dict[str, Any]) -> None:
    event = {**event_of(VECTORS["leaves"][0]), **unfit}
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the promise, not the text
        LeafEncoder(LOG_ID).leaf_hash(**event)


def test_the_frontier_agrees_with_the_published_tree_of_rfc_6962() -> None:
    frontier = frontier_of(leaf_hash(bytes.fromhex(data)) for data in RFC_LEAVES)
    assert frontier.root().hex() == RFC_ROOT_OF_8


def test_the_frontier_agrees_with_a_naive_tree_at_every_size_to_300() -> None:
    leaves = [sha256(bytes([size % 251, size // 251])).digest() for size in range(300)]
    frontier = Frontier()
    assert frontier.root() == merkle_tree_hash([])
    for size, leaf in enumerate(leaves, 1):
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, merkle_tree_hash(leaves[:size]))


@given(leaves=st.lists(a_hash, max_size=70))
def test_the_frontier_agrees_with_a_naive_tree_over_any_leaves(leaves: list[bytes]) -> None:
    assert frontier_of(leaves).root() == merkle_tree_hash(leaves)


@given(before=st.lists(a_hash, max_size=40), after=st.lists(a_hash, max_size=40))
def test_a_frontier_put_away_at_any_cut_continues_as_if_it_never_was(
    before: list[bytes], after: list[bytes]
) -> None:
    put_away = frontier_of(before)
    taken_up = Frontier.from_bytes(put_away.size, put_away.to_bytes())
    for leaf in after:
        taken_up.append(leaf)
    whole = frontier_of(before + after)
    assert (taken_up.size, taken_up.to_bytes(), taken_up.root()) == (
        whole.size,
        whole.to_bytes(),
        whole.root(),
    )


@pytest.mark.parametrize(
    ("size", "blob"), [(0, b"x"), (1, b""), (3, b"x" * 32), (4, b"x" * 64), (-1, b"x" * 32)]
)
def test_a_frontier_of_another_size_is_refused(size: int, blob: bytes) -> None:
    with pytest.raises(ValueError, match="tree of this size"):
        Frontier.from_bytes(size, blob)


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"short")


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"\x00" * 31, b"{}")


@given(salts=st.lists(a_hash, min_size=2, max_size=2, unique=True), personal=st.binary(max_size=60))
def test_the_same_personal_part_under_another_salt_has_another_commitment(
    salts: list[bytes], personal: bytes
) -> None:
    assert commitment(salts[0], personal) != commitment(salts[1], personal)

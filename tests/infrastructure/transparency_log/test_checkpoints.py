"""Checkpoints, manifests and proofs: written in one way, read strictly, vouched for by the log's keys."""

from base64 import b64encode
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.infrastructure.transparency_log.checkpoints import (
    Checkpoint,
    ConsistencyProof,
    ExportKind,
    ExportManifest,
)
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Ed25519Signer,
    Malformed,
    NoKnownSignature,
    WrongSignature,
    key_name,
    sign_note,
    verifier_key,
)

LOG_ID, OTHER_LOG = UUID(int=7), UUID(int=8)
SIGNER = Ed25519Signer(key_name(LOG_ID), bytes(32))
NEXT = Ed25519Signer(key_name(LOG_ID), bytes([1]) * 32)
FOREIGN = Ed25519Signer(key_name(OTHER_LOG), bytes(32))
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(LOG_ID, 20, ROOT)
WHOLE = ExportManifest(
    log_id=LOG_ID,
    kind=ExportKind.WHOLE,
    about=None,
    size=20,
    first=1,
    events=20,
    first_event=1,
    last_event=20,
    events_digest=ROOT,
    leaves_digest=ROOT,
    checkpoint_digest=ROOT,
)
EMPTY: dict[str, Any] = {"events": 0, "first_event": 0, "last_event": 0}
MANIFESTS = [
    WHOLE,
    replace(WHOLE, size=0, **EMPTY),
    replace(WHOLE, kind=ExportKind.ORGANISATION, about=UUID(int=3), events=2, first_event=4),
    replace(WHOLE, kind=ExportKind.PERIOD, events=1, first_event=5, last_event=5),
    replace(WHOLE, kind=ExportKind.PERIOD, about=UUID(int=3), **EMPTY),
    replace(WHOLE, kind=ExportKind.SINCE, first=18, events=3, first_event=18, frontier=bytes(64)),
    replace(WHOLE, kind=ExportKind.SINCE, first=21, frontier=bytes(64), **EMPTY),
    replace(WHOLE, kind=ExportKind.SINCE, frontier=b""),
    replace(WHOLE, kind=ExportKind.PERSON, about=UUID(int=3), first=0, leaves_digest=None, events=2),
]
CONTRADICTIONS = [
    {"size": -1},
    {"first": 2},
    {"events": 19},
    {"first_event": 2},
    {"last_event": 19},
    {"about": UUID(int=3)},
    {"frontier": b""},
    {"leaves_digest": None},
    {"leaves_digest": b"short"},
    {"events_digest": b"short"},
    {"checkpoint_digest": b""},
    {"kind": ExportKind.ORGANISATION},
    {"kind": ExportKind.PERSON, "about": UUID(int=3), "first": 0},
    {"kind": ExportKind.SINCE},
    {"kind": ExportKind.SINCE, "first": 0, "frontier": b""},
    {"kind": ExportKind.SINCE, "first": 22, "frontier": bytes(96), **EMPTY},
    {"kind": ExportKind.SINCE, "first": 18, "events": 3, "first_event": 18, "frontier": bytes(32)},
    {"kind": ExportKind.PERIOD, "last_event": 21},
    {"kind": ExportKind.PERIOD, "events": 2, "first_event": 5, "last_event": 5},
    {"kind": ExportKind.PERIOD, "events": 1, "first_event": 5, "last_event": 6},
    {"kind": ExportKind.PERIOD, "events": 0},
    {"kind": ExportKind.PERIOD, "first_event": 0},
    {"kind": ExportKind.PERIOD, "events": 1, "first_event": 6, "last_event": 5},
]
PROOF = ConsistencyProof(LOG_ID, 3, 20, (ROOT, bytes(32)))


def test_a_checkpoint_is_origin_size_and_root() -> None:
    origin = "brugerbog/00000000-0000-0000-0000-000000000007"
    assert CHECKPOINT.text() == f"{origin}\n20\n{b64encode(ROOT).decode()}\n"
    assert replace(CHECKPOINT, restored=5).text().endswith("\nrestored 5\n")


@pytest.mark.parametrize(
    "said", [CHECKPOINT, replace(CHECKPOINT, restored=0), Checkpoint(LOG_ID, 0, ROOT, 0)]
)
def test_a_checkpoint_is_read_as_it_was_written(said: Checkpoint) -> None:
    assert Checkpoint.parse(said.text()) == said
    assert Checkpoint.verify(said.sign([SIGNER, NEXT]), [verifier_key(NEXT)]) == said


@pytest.mark.parametrize("said", MANIFESTS)
def test_a_manifest_is_read_as_it_was_written(said: ExportManifest) -> None:
    assert ExportManifest.parse(said.text()) == said
    assert ExportManifest.verify(said.sign([SIGNER]), [verifier_key(SIGNER)]) == said


@pytest.mark.parametrize("changes", CONTRADICTIONS)
def test_a_manifest_that_contradicts_itself_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(WHOLE, **changes)


def test_a_log_is_vouched_for_by_its_own_keys_only() -> None:
    for signers in ([FOREIGN], [SIGNER, FOREIGN]):
        with pytest.raises(ValueError, match="that log only"):
            CHECKPOINT.sign(signers)
    with pytest.raises(NoKnownSignature):
        Checkpoint.verify(sign_note(CHECKPOINT.text(), [FOREIGN]), [verifier_key(FOREIGN)])
    with pytest.raises(NoKnownSignature):
        Checkpoint.verify(CHECKPOINT.sign([SIGNER]), [verifier_key(NEXT)])
    forged = CHECKPOINT.sign([SIGNER]).replace(b"\n20\n", b"\n21\n")
    with pytest.raises(WrongSignature):
        Checkpoint.verify(forged, [verifier_key(SIGNER)])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: text + "\n",
        lambda text: text[:-1],
        lambda text: text.replace("\n20\n", "\n020\n"),
        lambda text: text.replace("\n20\n", "\n+20\n"),
        lambda text: text.replace("\n20\n", "\n2_0\n"),
        lambda text: text.replace("\n20\n", "\n\u0662\u0660\n"),
        lambda text: text.replace("\n20\n", "\n9223372036854775808\n"),
        lambda text: text.replace("\n20\n", f"\n{'9' * 5000}\n"),
        lambda text: text.replace("brugerbog/", "brugerbog/{"),
        lambda text: text.replace("brugerbog/", "other/"),
        lambda text: text.replace("-", ""),
        lambda text: text.replace("AAEC", "AAE"),
        lambda text: text + "restored 21\n",
        lambda text: text + "restored 02\n",
        lambda text: text + "restored 2\nrestored 2\n",
        lambda text: text + "extension\n",
    ],
    ids=count(1),
)
def test_what_is_not_written_as_a_checkpoint_is_malformed(spoil) -> None:  # noqa: ANN001
    with pytest.raises(Malformed):
        Checkpoint.parse(spoil(CHECKPOINT.text()))


@given(st.text(max_size=200))
def test_any_text_is_refused_by_name(text: str) -> None:
    for kind in (Checkpoint, ExportManifest, ConsistencyProof):
        with pytest.raises(Malformed):
            kind.parse(text)


@given(st.data())
def test_a_text_with_lines_left_out_doubled_or_swapped_is_malformed(data: st.DataObject) -> None:
    said = data.draw(st.sampled_from([CHECKPOINT, PROOF, *MANIFESTS]))
    lines = said.text().splitlines(keepends=True)
    others = st.lists(st.sampled_from(lines), max_size=len(lines) + 1)
    text = "".join(data.draw(others.filter(lambda drawn: drawn != lines)))
    if text != "".join(lines) and not (said is PROOF and text.startswith("".join(lines[:2]))):
        with pytest.raises(Malformed):
            type(said).parse(text)


def test_a_consistency_proof_is_read_as_it_was_written() -> None:
    assert ConsistencyProof.parse(PROOF.text()) == PROOF
    assert ConsistencyProof.parse(replace(PROOF, hashes=()).text()) == replace(PROOF, hashes=())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text.replace("3 20", "21 20"),
        lambda text: text.replace("3 20", "3  20"),
        lambda text: text.replace("3 20", "3 20 1"),
        lambda text: text.replace("v1", "v2"),
        lambda text: text + b64encode(b"short").decode() + "\n",
    ],
    ids=count(1),
)
def test_what_is_not_written_as_a_consistency_proof_is_malformed(spoil) -> None:  # noqa: ANN001
    with pytest.raises(Malformed):
        ConsistencyProof.parse(spoil(PROOF.text()))

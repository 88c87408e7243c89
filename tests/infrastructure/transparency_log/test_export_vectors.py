"""The published checkpoint, proofs and exports: made the same by our code, and sound to both verifiers."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brugerbog.entrypoints import verify
from brugerbog.infrastructure.crypto.tree_hash import LeafFields
from brugerbog.infrastructure.transparency_log.checkpoints import (
    Checkpoint,
    ConsistencyProof,
    ExportKind,
    ExportManifest,
)
from brugerbog.infrastructure.transparency_log.merkle_tree import Tree, is_consistent, is_included
from brugerbog.infrastructure.transparency_log.signed_notes import (
    Ed25519Signer,
    VerifierKey,
    key_file,
    key_name,
    verifier_key,
)
from tests.infrastructure.transparency_log.second_verifier import judge, judge_consistency
from tests.sample_exports import Log, export_of, write

VECTORS = json.loads(Path(__file__).with_name("log_format_vectors.json").read_text(encoding="utf-8"))
LOG_ID = UUID(VECTORS["log_id"])
SIGNER = Ed25519Signer(key_name(LOG_ID), bytes.fromhex(VECTORS["signing"]["seed"]))
KEY = VerifierKey.parse(VECTORS["signing"]["vkey"])
LEAVES = [bytes.fromhex(VECTORS["leaves"][at % 4]["leaf_hash"]) for at in range(7)]
TREE = Tree(b"".join(LEAVES))


def text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def row(vector: dict[str, Any]) -> LeafFields:
    return LeafFields(
        position=vector["position"],
        organisation_id=UUID(vector["organisation_id"]).bytes,
        stream_id=UUID(vector["stream_id"]).bytes,
        version=vector["version"],
        topic=vector["topic"],
        schema_version=vector["schema_version"],
        recorded_at_us=vector["recorded_at_us"],
        actor=UUID(vector["actor"]).bytes,
        command_id=UUID(vector["command_id"]).bytes,
        payload=vector["payload"].encode(),
        commitment=bytes.fromhex(vector["commitment"]) or None,
    )


def published_log() -> Log:
    committed = VECTORS["commitment"]
    opened = {1: (bytes.fromhex(committed["salt"]), committed["personal_json"].encode())}
    rows = [row(vector) for vector in VECTORS["leaves"][:3]]
    return Log(LOG_ID, bytes.fromhex(VECTORS["signing"]["seed"]), rows, opened)


def published_export(kind: str) -> dict[str, bytes]:
    whole = VECTORS["export"]
    files = {"key.pub": text(whole["key_pub"]), "checkpoint": text(whole["checkpoint"])}
    files |= {
        "manifest": text(VECTORS[kind]["manifest"]),
        "events.jsonl": text(VECTORS[kind]["events_jsonl"]),
    }
    return files if kind == "person" else files | {"leaves": bytes.fromhex("".join(whole["leaves"]))}


def test_the_published_key_is_that_of_the_seed() -> None:
    vector = VECTORS["signing"]
    assert verifier_key(SIGNER) == KEY
    assert (KEY.public_key.hex(), KEY.key_id.hex()) == (vector["public_key"], vector["key_id"])
    assert key_file([KEY]) == text(VECTORS["export"]["key_pub"])


@pytest.mark.parametrize(("name", "restored"), [("checkpoint", None), ("restored_checkpoint", 2)])
def test_a_published_checkpoint_is_signed_byte_for_byte(name: str, restored: int | None) -> None:
    head = Checkpoint(LOG_ID, 3, bytes.fromhex(VECTORS["roots"][3]), restored)
    assert head.sign([SIGNER]) == text(VECTORS[name]["note"])
    assert Checkpoint.verify(text(VECTORS[name]["note"]), [KEY]) == head


def test_the_published_inclusion_proof_is_made_and_holds() -> None:
    vector, root = VECTORS["inclusion"], bytes.fromhex(VECTORS["roots"][7])
    proof = [bytes.fromhex(one) for one in vector["proof"]]
    assert TREE.inclusion(vector["index"], vector["size"]) == proof
    assert is_included(LEAVES[vector["index"]], vector["index"], vector["size"], proof, root)
    assert verify.root_from(LEAVES[vector["index"]], vector["index"], vector["size"], proof) == root


def test_the_published_consistency_proof_is_made_and_holds() -> None:
    vector, roots = VECTORS["consistency"], [bytes.fromhex(one) for one in VECTORS["roots"]]
    proof = ConsistencyProof(LOG_ID, 3, 7, tuple(TREE.consistency(3)))
    assert (vector["older_root"], vector["newer_root"]) == (roots[3].hex(), roots[7].hex())
    assert proof.text().encode() == text(vector["file"])
    assert is_consistent(3, roots[3], 7, roots[7], proof.hashes)
    notes = [Checkpoint(LOG_ID, size, roots[size]).sign([SIGNER]) for size in (3, 7)]
    assert judge_consistency(*notes, text(vector["file"]), key_file([KEY])).exit == 0


@pytest.mark.parametrize("kind", ["export", "person"])
def test_a_published_export_is_made_byte_for_byte_and_sound_to_both_verifiers(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = published_export(kind)
    about = UUID(VECTORS["leaves"][0]["stream_id"])
    if kind == "export":
        assert export_of(published_log(), ExportKind.WHOLE) == files
    else:
        made = export_of(published_log(), ExportKind.PERSON, about=about, with_personal_data=True)
        assert made == files
    assert ExportManifest.verify(files["manifest"], [KEY]).size == 3
    folder = write(tmp_path / "export", files)
    assert verify.run([str(folder), "--key", str(folder / "key.pub")]) == 0
    assert capsys.readouterr().out
    assert judge(files, files["key.pub"]).exit == 0

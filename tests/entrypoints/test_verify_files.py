"""Changes to files in transfer: the verifier distinguishes them from forgery, and never hangs."""

import io
import os
import socket
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from tests.entrypoints.test_verify import run, run_json, write_file
from tests.sample_exports import export_of, random_log, write

LOG = random_log(Random(1), 40)
TEXTS = ("checkpoint", "manifest", "events.jsonl", "key.pub")
Change = Callable[[bytes], bytes]


def crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def old_macintosh(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r")


def powershell(content: bytes) -> bytes:
    """Change a text as `type FILE > OTHER` does on Windows PowerShell 5."""
    return crlf(content).decode().encode("utf-16")


def notepad(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def without_the_last_line_end(content: bytes) -> bytes:
    return content.removesuffix(b"\n")


def with_a_line_end_more(content: bytes) -> bytes:
    return content + b"\n"


CHANGES: dict[Change, str] = {
    crlf: "line_ends",
    old_macintosh: "line_ends",
    without_the_last_line_end: "line_ends",
    with_a_line_end_more: "line_ends",
    powershell: "re_encoded",
    notepad: "re_encoded",
}


@pytest.fixture(params=ExportKind)
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    about = LOG.users()[0] if request.param is ExportKind.PERSON else LOG.organisations()[0]
    asked = {ExportKind.PERSON: {"about": about}, ExportKind.ORGANISATION: {"about": about}}
    more = {"since": 12} if request.param is ExportKind.SINCE else {}
    more |= {"period": (0, 1 << 60)} if request.param is ExportKind.PERIOD else {}
    return write(tmp_path / "export", export_of(LOG, request.param, **asked.get(request.param, {}), **more))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return write_file(tmp_path / "log.pub", LOG.keys())


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("names", [TEXTS, *((name,) for name in TEXTS[:3])], ids="+".join)
def test_text_changed_in_transfer_is_reported_as_such(
    export: Path, key: Path, change: Change, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        (export / name).write_bytes(change((export / name).read_bytes()))
    for asked in ([export, "--key", key], [export]):
        facts = run_json(*asked, capsys=capsys)
        assert (facts["exit"], facts["kind"], facts["position"]) == (1, CHANGES[change], None)
    assert "byte for byte" in run(export, "--key", key, capsys=capsys)[1]


def test_leaves_transferred_as_text_are_reported_as_such(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: crlf(content) for name, content in export_of(LOG, ExportKind.WHOLE).items()}
    assert len(files["leaves"]) > 32 * 40
    export = write(tmp_path / "export", files)
    assert run_json(export, "--key", key, capsys=capsys)["kind"] == "line_ends"


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_a_change_of_text_does_not_hide_a_forgery(
    tmp_path: Path, key: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    other = export_of(random_log(Random(3), 40), ExportKind.WHOLE)
    export = write(
        tmp_path / "export",
        {name: change(content) if name in TEXTS else content for name, content in other.items()},
    )
    facts = run_json(export, "--key", key, capsys=capsys)
    assert (facts["exit"], facts["kind"]) in {(1, "forged_checkpoint"), (1, "incomplete")}


def test_line_ends_of_which_some_were_changed_are_a_change(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = export_of(LOG, ExportKind.WHOLE)
    changed = files["events.jsonl"].replace(b"\n", b"\r\n", 5)
    export = write(tmp_path / "export", files | {"events.jsonl": changed})
    facts = run_json(export, "--key", key, capsys=capsys)
    assert (facts["kind"], facts["position"]) == ("altered", 1)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_a_key_is_read_as_an_editor_saves_it(
    tmp_path: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    export = write(tmp_path / "export", export_of(LOG, ExportKind.WHOLE))
    changed = write_file(tmp_path / "log.pub", change(LOG.keys()))
    assert run_json(export, "--key", changed, capsys=capsys)["exit"] == 0


@pytest.mark.parametrize(("change", "kind"), CHANGES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_checkpoints_and_proofs_changed_in_transfer_are_reported_as_such(
    tmp_path: Path, key: Path, change: Change, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"older": LOG.checkpoint(12), "newer": LOG.checkpoint(), "proof": LOG.consistency(12)}
    for spoilt in parts:
        paths = [
            write_file(tmp_path / name, change(part) if name == spoilt else part)
            for name, part in parts.items()
        ]
        assert run_json("consistency", *paths, "--key", key, capsys=capsys)["kind"] == kind
    export = write(tmp_path / "export", export_of(LOG, ExportKind.WHOLE))
    older = write_file(tmp_path / "older", change(parts["older"]))
    assert run_json(export, "--since", older, "--key", key, capsys=capsys)["kind"] == kind


@pytest.mark.parametrize("name", ["checkpoint", "manifest"])
@pytest.mark.parametrize("left", [0, 10, 100, -5])
def test_a_transfer_that_was_cut_off_is_not_called_a_forgery(
    tmp_path: Path, key: Path, name: str, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    files = export_of(LOG, ExportKind.WHOLE)
    export = write(tmp_path / "export", files | {name: files[name][:left]})
    facts = run_json(export, "--key", key, capsys=capsys)
    assert (facts["exit"], facts["kind"]) == (1, "incomplete")


def test_a_file_in_place_of_the_folder_is_reported_as_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in export_of(LOG, ExportKind.WHOLE).items():
            file.writestr(f"export/{name}", content)
    code, text = run(write_file(tmp_path / "export.zip", packed.getvalue()), capsys=capsys)
    assert code == 2
    assert "unpack it" in text


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def waiting_device(path: Path) -> None:
    path.symlink_to("/dev/tty" if Path("/dev/tty").exists() else "/dev/null")


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
@pytest.mark.parametrize(
    ("name", "special"),
    [
        *((name, pipe) for name in ("checkpoint", "manifest", "events.jsonl", "leaves", "key", "older")),
        *(("leaves", special) for special in (device, waiting_device, listening, folder)),
    ],
)
def test_a_file_that_is_not_regular_is_refused_without_waiting(
    name: str, special: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("s")
    export = write(place / "export", export_of(LOG, ExportKind.WHOLE))
    beside = {
        "key": write_file(place / "key", LOG.keys()),
        "older": write_file(place / "older", LOG.checkpoint(3)),
    }
    path = beside.get(name, export / name)
    path.unlink()
    special(path)
    asked = [str(export), "--json", "--key", str(beside["key"]), "--since", str(beside["older"])]
    done = subprocess.run(
        [sys.executable, "-I", "-S", verify.__file__, *asked],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert "not an ordinary file" in done.stdout


# Forged exports with a key of the forger beside them


def forged(folder: Path, size: int, kind: str = "whole", *, signatures: int = 1, keys: int = 1) -> Path:
    """Return an export of a fictitious log of a given size."""
    about = FORGER.log_id if kind == "person" else "-"
    checkpoint = FORGER.signed(
        f"brugerbog/{FORGER.log_id}\n{size}\n{b64encode(bytes(32)).decode()}\n", signatures
    )
    leaves = "" if kind == "person" else f"sha256 leaves {sha256().hexdigest()}\n"
    manifest = (
        f"brugerbog-export-v1 {FORGER.log_id}\nkind {kind}\nabout {about}\nsize {size}\n"
        f"first {0 if kind == 'person' else 1}\nevents {size} 1 {size}\n"
        f"sha256 events.jsonl {sha256().hexdigest()}\n{leaves}"
        f"sha256 checkpoint {sha256(checkpoint).hexdigest()}\n"
    )
    texts = {"checkpoint": checkpoint, "manifest": FORGER.signed(manifest, signatures)}
    return write(folder, texts | {"key.pub": FORGER.line * keys, "events.jsonl": b"", "leaves": b""})


class Forger:
    """A signer whose key belongs to no log."""

    def __init__(self) -> None:
        self.log_id = "11111111-2222-4333-8444-555555555555"
        self._name = f"brugerbog/{self.log_id}"
        self._key = Ed25519PrivateKey.generate()
        material = b"\x01" + self._key.public_key().public_bytes_raw()
        self._id = sha256(f"{self._name}\n".encode() + material).digest()[:4]
        self.line = f"{self._name}+{self._id.hex()}+{b64encode(material).decode()}\n".encode()

    def signed(self, text: str, times: int) -> bytes:
        signature = b64encode(self._id + self._key.sign(text.encode())).decode()
        line = f"— {self._name} {signature}\n"
        return f"{text}\n{line * times}".encode()


FORGER = Forger()


@pytest.mark.parametrize("size", [1 << 33, 1 << 40, 1 << 55, (1 << 62) + 1])
@pytest.mark.parametrize("kind", ["whole", "period", "person"])
def test_a_log_of_a_size_that_nothing_holds_is_cut_off(
    tmp_path: Path, kind: str, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = run_json(forged(tmp_path / "export", size, kind), capsys=capsys)
    assert (facts["exit"], facts["kind"]) == (1, "cut_off")


def test_a_file_larger_than_memory_is_undecided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = forged(tmp_path / "export", 1 << 50)
    try:
        os.truncate(export / "leaves", 1 << 42)
    except OSError:
        pytest.skip("this file system holds no file of 4 TB, however empty")
    assert run_json(export, capsys=capsys)["exit"] == 2


def test_a_line_without_an_end_is_read_no_further(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = forged(tmp_path / "export", 3)
    os.truncate(export / "events.jsonl", 1 << 38)
    assert run_json(export, capsys=capsys)["exit"] == 1


def test_lines_without_number_are_not_all_read_to_name_a_damage(tmp_path: Path) -> None:
    export = forged(tmp_path / "export", 3)
    (export / "events.jsonl").write_bytes(b"\n" * 2_000_000)
    seen = 0

    class RecordingMailHandler(verify.Reader):
        @contextmanager
        def lines(self, path: Path) -> Iterator[Iterator[bytes]]:
            nonlocal seen
            with super().lines(path) as lines:
                yield (line for line in lines if (seen := seen + 1))

    with pytest.raises(verify.Damage):
        verify.check_export(export, None, None, {}, RecordingMailHandler())
    assert seen < 10_000


@pytest.mark.parametrize(("signatures", "keys"), [(3000, 3000), (101, 1)])
def test_a_checkpoint_signed_without_number_is_forged(
    tmp_path: Path, signatures: int, keys: int, capsys: pytest.CaptureFixture[str]
) -> None:
    export = forged(tmp_path / "export", 3, signatures=signatures, keys=keys)
    facts = run_json(export, capsys=capsys)
    assert (facts["exit"], facts["kind"]) == (1, "forged_checkpoint")


def test_a_key_listed_many_times_is_checked_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    holds = verify.signature_holds

    def counted(*run_json: bytes) -> bool:
        nonlocal asked
        asked += 1
        return holds(*run_json)

    monkeypatch.setattr(verify, "signature_holds", counted)
    run_json(forged(tmp_path / "export", 3, signatures=3, keys=3000), capsys=capsys)
    assert asked < 20


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("name", [*TEXTS, "leaves"])
def test_a_file_without_an_end_that_a_link_leads_to_is_an_empty_one(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    export = forged(tmp_path / "export", 3)
    (export / name).unlink()
    (export / name).symlink_to("/proc/self/pagemap")
    assert run_json(export, capsys=capsys)["exit"] in {1, 2}

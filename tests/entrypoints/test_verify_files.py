"""What happens to files on their way: the verifier tells it from forgery, and hangs at nothing."""

import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from brugerbog.entrypoints import verify
from brugerbog.infrastructure.checkpoints import ExportKind
from tests.entrypoints.test_verify import kept, run, said
from tests.exports import export_of, some_log, write

LOG = some_log(Random(1), 40)
TEXTS = ("checkpoint", "manifest", "events.jsonl", "key.pub")
Change = Callable[[bytes], bytes]


def crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def old_macintosh(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r")


def powershell(content: bytes) -> bytes:
    """As `type FILE > OTHER` does on Windows PowerShell 5."""
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
    return kept(tmp_path / "log.pub", LOG.keys())


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("names", [TEXTS, *((name,) for name in TEXTS[:3])], ids="+".join)
def test_text_that_was_changed_on_the_way_is_told_as_that(
    export: Path, key: Path, change: Change, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        (export / name).write_bytes(change((export / name).read_bytes()))
    for asked in ([export, "--key", key], [export]):
        facts = said(*asked, capsys=capsys)
        assert (facts["exit"], facts["kind"], facts["position"]) == (1, CHANGES[change], None)
    assert "byte for byte" in run(export, "--key", key, capsys=capsys)[1]


def test_leaves_that_were_sent_as_text_are_told_as_that(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: crlf(content) for name, content in export_of(LOG, ExportKind.WHOLE).items()}
    assert len(files["leaves"]) > 32 * 40
    export = write(tmp_path / "export", files)
    assert said(export, "--key", key, capsys=capsys)["kind"] == "line_ends"


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_what_was_changed_besides_is_told_as_that(
    tmp_path: Path, key: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    other = export_of(some_log(Random(3), 40), ExportKind.WHOLE)
    export = write(
        tmp_path / "export",
        {name: change(content) if name in TEXTS else content for name, content in other.items()},
    )
    facts = said(export, "--key", key, capsys=capsys)
    assert (facts["exit"], facts["kind"]) in {(1, "forged_checkpoint"), (1, "incomplete")}


def test_line_ends_of_which_some_were_changed_are_a_change(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = export_of(LOG, ExportKind.WHOLE)
    changed = files["events.jsonl"].replace(b"\n", b"\r\n", 5)
    export = write(tmp_path / "export", files | {"events.jsonl": changed})
    facts = said(export, "--key", key, capsys=capsys)
    assert (facts["kind"], facts["position"]) == ("altered", 1)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_a_key_is_read_as_an_editor_saves_it(
    tmp_path: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    export = write(tmp_path / "export", export_of(LOG, ExportKind.WHOLE))
    changed = kept(tmp_path / "log.pub", change(LOG.keys()))
    assert said(export, "--key", changed, capsys=capsys)["exit"] == 0


@pytest.mark.parametrize(("change", "kind"), CHANGES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_checkpoints_and_proofs_that_were_changed_on_the_way_are_told_as_that(
    tmp_path: Path, key: Path, change: Change, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"older": LOG.checkpoint(12), "newer": LOG.checkpoint(), "proof": LOG.consistency(12)}
    for spoilt in parts:
        paths = [
            kept(tmp_path / name, change(part) if name == spoilt else part) for name, part in parts.items()
        ]
        assert said("consistency", *paths, "--key", key, capsys=capsys)["kind"] == kind
    export = write(tmp_path / "export", export_of(LOG, ExportKind.WHOLE))
    older = kept(tmp_path / "older", change(parts["older"]))
    assert said(export, "--since", older, "--key", key, capsys=capsys)["kind"] == kind


@pytest.mark.parametrize("name", ["checkpoint", "manifest"])
@pytest.mark.parametrize("left", [0, 10, 100, -5])
def test_a_transfer_that_was_cut_off_is_not_called_a_forgery(
    tmp_path: Path, key: Path, name: str, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    files = export_of(LOG, ExportKind.WHOLE)
    export = write(tmp_path / "export", files | {name: files[name][:left]})
    facts = said(export, "--key", key, capsys=capsys)
    assert (facts["exit"], facts["kind"]) == (1, "incomplete")


def test_a_file_in_place_of_the_folder_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in export_of(LOG, ExportKind.WHOLE).items():
            file.writestr(f"export/{name}", content)
    code, text = run(kept(tmp_path / "export.zip", packed.getvalue()), capsys=capsys)
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
def test_what_is_no_ordinary_file_is_refused_and_never_waited_for(
    name: str, special: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("s")
    export = write(place / "export", export_of(LOG, ExportKind.WHOLE))
    beside = {"key": kept(place / "key", LOG.keys()), "older": kept(place / "older", LOG.checkpoint(3))}
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

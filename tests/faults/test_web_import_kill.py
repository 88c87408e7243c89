"""Promise 1, on the web pages: an import whose server is killed is resumed by the button Fortsæt."""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx2 import Client

from brugerbog.infrastructure.database.schema import events, imports
from tests.application.commands.imports.csv_rows import cpr, create, file_of
from tests.entrypoints.web.browser import Browser, Page
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.org_driver import open_org
from tests.stores import rows

ROOT = Path(__file__).parents[2]
ROWS = 1000
PATIENCE = 60
CANARY = "Kanariefugl"


class LiveBrowser(Browser):
    """A browser for a server in another process, whose address may change."""

    def __init__(self, address: str) -> None:
        self.client = Client(base_url=address, follow_redirects=True, timeout=PATIENCE)  # type: ignore[assignment]

    def move_to(self, address: str) -> None:
        """Go on with the same cookies at another address."""
        cookies = dict(self.client.cookies)
        self.client.close()
        self.__init__(address)  # type: ignore[misc]
        self.client.cookies.update(cookies)


@contextmanager
def served(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """Start a server; yield process, address and id of its administrator, and kill it at the end."""
    program = [
        sys.executable,
        "-m",
        "tests.faults.web_process",
        f"sqlite:///{folder / 'store.db'}",
        str(folder),
    ]
    log = (folder / "serve.log").open("a")
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        address, person = process.stdout.readline().split()
        yield process, address, person
    finally:
        process.kill()
        process.communicate()
        log.close()


def wait_for(browser: Browser, path: str, reached: re.Pattern[str]) -> Page:
    """Return the page once its text matches.

    Raises: AssertionError after `PATIENCE` seconds.
    """
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        page = browser.open(path)
        if reached.search(page.text):
            return page
        time.sleep(0.02)
    raise AssertionError(f"the page never matched {reached.pattern}: {page.text}")


def test_an_import_whose_server_is_killed_is_resumed_and_imports_each_row_once(
    tmp_path: Path,
) -> None:
    content = file_of(*(create(serial, surname=CANARY) for serial in range(ROWS)))
    with served(tmp_path) as (process, address, person):
        browser = LiveBrowser(address)
        browser.send("/demo/log-ind", person=person, videre="/brugere")
        page = browser.press(
            browser.open("/brugere/fil"), "Næste", files={"fil": ("Kanariefugl.csv", content)}
        )
        page = wait_for(browser, page.path, re.compile("Filen er kontrolleret"))
        path = browser.press(page, "Importér").path
        wait_for(browser, path, re.compile(r"(?!0 )\d+ af 1\.001 rækker"))
        process.kill()
        process.wait()

    with open_org(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as org:
        (reached,) = rows(org.service, imports)
        assert not reached.finished, "the kill must have come during the import"
        assert 2 < reached.next_row <= ROWS

    with served(tmp_path) as (_, address, _person):
        browser.move_to(address)
        time.sleep(1)
        page = wait_for(browser, path, re.compile("Importen blev afbrudt"))
        browser.press(page, "Fortsæt")
        page = wait_for(browser, path, re.compile("Kvittering"))
        counts = {row.dt.text: row.dd.text for row in page.soup.select(".counts > div")}  # type: ignore[union-attr]
        assert (counts["Oprettet"], counts["Afvist"]) == ("1.000", "0")
        browser.client.close()

    with open_org(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as org:
        assert Counter(one.topic for one in rows(org.service, events))["user.imported"] == ROWS
        assert assert_log_is_sound(org.service) == len(rows(org.service, events))

    log = (tmp_path / "serve.log").read_text()
    assert "page=/brugere/fil/" in log
    assert not [one for one in (CANARY, *map(cpr, range(ROWS))) if one in log]

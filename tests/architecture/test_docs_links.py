"""Every link of the documentation leads somewhere, its lines are short, and the code it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "src" / "brugerbog"
PAGES: Final = [
    *(
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LONGEST_LINE: Final = 120
WIDEST_TABLE: Final = 140
WIDE_TABLES: Final = {"security.md"}
"""A requirement of ASVS is in one row with its answer and its tests."""

CODE_BLOCK = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
PATH = re.compile(r"((?:src|tests|docs|deploy|bench|examples|assets)/[\w./-]*)(?:::(\w+))?")
LAYER = re.compile(
    r"(?:domain|projections|application|infrastructure|entrypoints|demo)/(?:[\w/]+\.\w+|[\w/]*/)"
)
DOTTED = re.compile(r"(brugerbog(?:\.\w+)+)(?:\(.*\))?")
QUOTED = re.compile(r"\"(brugerbog[.\w]+)\"")
CLASS = re.compile(r"[A-Z][a-z]+[A-Z]\w+")
WORD = re.compile(r"\w+")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """Return the text of a page, with empty lines for its code blocks."""
    return CODE_BLOCK.sub(lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"))


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    shown = LINK.sub(lambda link: link[0].partition("]")[0], heading)
    return re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings; repeated headings get -1, -2 and so on."""
    found, seen = set(), Counter[str]()
    for heading in HEADING.findall(prose(page)):
        anchor = slug(heading)
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def dead_links(page: Path) -> Iterator[str]:
    """Yield the links to files and headings that don't exist."""
    for link in LINK.findall(CODE.sub("", prose(page))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def long_lines(page: Path) -> Iterator[str]:
    """Yield the lines that are too long and can be wrapped, and the rows of tables that are too wide."""
    for number, line in enumerate(prose(page).splitlines(), start=1):
        is_row = line.lstrip().startswith("|")
        if is_row and page.name in WIDE_TABLES:
            continue
        if len(line) > (WIDEST_TABLE if is_row else LONGEST_LINE):
            yield f"{number}: {line[:60]}"


def exists(dotted: str) -> bool:
    """Return whether a module, class or function can be imported."""
    try:
        resolve_name(dotted)
    except (ImportError, AttributeError):
        return False
    return True


def missing_code(page: Path, identifiers: set[str]) -> Iterator[str]:
    """Yield the paths, modules, loggers and classes in backticks that don't exist."""
    for code in CODE.findall(prose(page)):
        if path := PATH.fullmatch(code):
            file, test = ROOT / path[1], path[2]
            if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
                yield code
        elif LAYER.fullmatch(code):
            if not (PACKAGE / code).exists():
                yield code
        elif dotted := DOTTED.fullmatch(code):
            if dotted[1] not in identifiers and not exists(dotted[1]):
                yield code
        elif CLASS.fullmatch(code) and code not in identifiers:
            yield code


@pytest.fixture(scope="module")
def identifiers() -> set[str]:
    """Return every word of the source and the tests, and the names of loggers."""
    files = [file for folder in ("src", "tests", "bench") for file in (ROOT / folder).rglob("*.py")]
    files.remove(Path(__file__))
    source = "\n".join(file.read_text("utf-8") for file in files)
    return {*WORD.findall(source), *QUOTED.findall(source)}


@every_page
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    assert list(dead_links(page)) == []


@every_page
def test_lines_are_short(page: Path) -> None:
    assert list(long_lines(page)) == []


@every_page
def test_every_path_module_and_class_in_backticks_exists(page: Path, identifiers: set[str]) -> None:
    assert list(missing_code(page, identifiers)) == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Moving to another engine, or machine", "moving-to-another-engine-or-machine"),
        ("`users send-to-activation`", "users-send-to-activation"),
        ("ADR 12: [links](0012.md) & codes", "adr-12-links--codes"),
        ("Ændringer i web_sessions?", "ændringer-i-web_sessions"),
    ],
)
def test_an_anchor_follows_the_rules_of_github(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_planted_faults_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading\n"
        "## Twice\n"
        "## Twice\n"
        "```\n"
        "## In code\n"
        "[In code](gone.md)\n"
        "```\n"
        "[Here](#a-heading), [there](page.md#twice-1), `[code](gone.md)`, <https://example.org/#gone>\n"
        "[No file](gone.md), [no heading](#in-code), [no third](page.md#twice-2)\n"
        "`src/brugerbog`, `tests/gone.py`, `tests/architecture/test_docs_links.py::test_gone`\n"
        "`domain/user/`, `domain/gone.py`, `brugerbog.open()`, `brugerbog.gone`, `KnownClass`, `GoneClass`\n"
        f"{'word ' * 25}\n"
        f"| {'cell ' * 25} |\n"
        f"| {'cell ' * 28} |\n"
    )
    assert list(dead_links(page)) == ["gone.md", "#in-code", "page.md#twice-2"]
    assert list(missing_code(page, {"KnownClass"})) == [
        "tests/gone.py",
        "tests/architecture/test_docs_links.py::test_gone",
        "domain/gone.py",
        "brugerbog.gone",
        "GoneClass",
    ]
    assert [found.partition(":")[0] for found in long_lines(page)] == ["12", "14"]

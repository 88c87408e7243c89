"""Names that a stranger can guess, folders that can be overseen, and no import circle."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "brugerbog"
MOST_MODULES = 20

PRONOUN = re.compile(r"\b(he|him|his|himself|she|her|hers|herself|whoever|whomever)\b")
"""A user is *the user* or *they*; a sentence names its subject."""

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])

INSTEAD = {
    "alongside": "append request",
    "asked": "request, query or params",
    "asking": "request or query",
    "beside": "derived, companion or additional",
    "box": "ciphertext",
    "boxes": "ciphertexts",
    "chronicle": "temporal projection",
    "deed": "unit of work, action or command",
    "derivation": "log verifier",
    "desk": "context",
    "evidence": "transparency log",
    "foresight": "preview",
    "goer": "actor or user",
    "guards": "middleware or triggers",
    "holding": "means held",
    "lives": "users",
    "living": "user or state",
    "mailbox": "outbox",
    "masters": "master keys",
    "notary": "checkpoint signer",
    "postman": "transport",
    "provisioning": "directory sync",
    "pulse": "heartbeat",
    "said": "arguments, text or request",
    "seldom": "throttled",
    "standing": "status or versions",
    "surroundings": "dependencies",
    "tell": "report, show or notify",
    "tells": "reports",
    "told": "response, described or reported",
    "trail": "audit reader",
    "trip": "authorization request",
    "trouble": "errors",
    "upkeep": "maintenance",
    "visit": "request context",
    "vitals": "store statistics",
    "witness": "checkpoint signer",
    "workroom": "background jobs",
}
"""Words that meant something to us alone, or several things, and the usual words for them."""

ALLOWED: dict[str, str] = {
    "asked_at": "a key of JSON answers",
    "deed": "a key of JSON answers, and a part of an address",
    "Foresight": "a component of the OpenAPI document, and so a class of generated clients",
    "goer": "a parameter in Danish addresses: what a form does (`gør`)",
    "masters": "a key of `brugerbog keys status --json`",
}
"""Identifiers that hold such a word all the same, and why."""


def words_of(identifier: str) -> list[str]:
    return [one.lower() for one in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Names that a module defines: classes, functions, parameters, variables and attributes."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case _:
                pass


def private_words(source: str) -> list[str]:
    return [
        f"line {line}: {name} (instead of {word!r}: {INSTEAD[word]})"
        for line, name in identifiers(source)
        for word in words_of(name)
        if word in INSTEAD and name not in ALLOWED
    ]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", modules(), ids=lambda one: str(one.relative_to(PACKAGE)))
def test_a_module_names_things_by_the_usual_words(module: Path) -> None:
    assert private_words(module.read_text("utf-8")) == []
    assert not set(words_of(module.stem)) & set(INSTEAD)


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings and comments, with their first lines."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text
            case _:
                pass
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def unclear_subjects(source: str) -> list[str]:
    return [
        f"line {line}: {found[0]}" for line, text in sentences(source) for found in PRONOUN.finditer(text)
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda one: str(one.relative_to(PACKAGE)))
def test_a_module_calls_users_the_user_or_they(module: Path) -> None:
    assert unclear_subjects(module.read_text("utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_a_page_calls_users_the_user_or_they(page: Path) -> None:
    assert PRONOUN.findall(page.read_text("utf-8")) == []


def test_an_unclear_subject_is_seen() -> None:
    assert unclear_subjects('"""What he has said."""\n# his own\n') == ["line 1: he", "line 2: his"]


def test_a_private_word_is_seen() -> None:
    planted = "class MailDesk:\n    def tell(self, said): self.box = told = 1\n"
    found = {one.split(" (")[0] for one in private_words(planted)}
    assert found == {"line 1: MailDesk", "line 2: tell", "line 2: said", "line 2: box", "line 2: told"}


def test_every_allowed_identifier_exists() -> None:
    defined = {name for module in modules() for _, name in identifiers(module.read_text("utf-8"))}
    assert set(ALLOWED) <= defined


def test_a_folder_holds_about_twenty_modules_at_most() -> None:
    counted = {
        str(folder.relative_to(PACKAGE)): len({*folder.glob("*.py")} - {folder / "__init__.py"})
        for folder in (PACKAGE, *PACKAGE.rglob("*"))
        if folder.is_dir()
    }
    assert {name: count for name, count in counted.items() if count > MOST_MODULES} == {}


def test_the_page_of_the_architecture_shows_every_folder() -> None:
    tree = (
        (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("```\nsrc/")[2].partition("```")[0]
    )
    shown = set(re.findall(r"(?<=[ \n])([a-z_]+)/", tree))
    packages = {folder.parent.name for folder in PACKAGE.rglob("__init__.py")} - {"brugerbog"}
    assert packages - shown == set()
    assert shown - packages == set()


def circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Groups of modules that import one another, directly or through others (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit_module(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for imported in graph.find_modules_directly_imported_by(module):
            if imported not in order:
                visit_module(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in path:
                lowest[module] = min(lowest[module], order[imported])
        if lowest[module] == order[module]:
            group = path[path.index(module) :]
            del path[path.index(module) :]
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(graph.modules):
        if module not in order:
            visit_module(module)
    return found


def test_no_module_imports_itself_through_others() -> None:
    assert circles(grimp.build_graph("brugerbog", cache_dir=None)) == []


def test_an_import_circle_is_seen() -> None:
    graph = grimp.ImportGraph()
    for one, other in (("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")):
        graph.add_import(importer=one, imported=other)
    assert circles(graph) == [["a", "b", "c"]]


def test_paths_named_by_the_makefile_and_by_ci_exist() -> None:
    named = {
        path
        for file in (ROOT / "Makefile", ROOT / ".ci" / "run")
        for path in re.findall(r"(?<![\w/])(?:tests|src|bench)/[\w/.]+", file.read_text("utf-8"))
        if "dkfds" not in path
    }
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert "tests/infrastructure/event_store" in named

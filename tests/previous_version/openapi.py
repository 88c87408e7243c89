"""Compatibility of two OpenAPI 3.1 documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
_WORDS = frozenset({"description", "title", "summary", "example", "examples", "tags"})
"""Members that no program depends on."""


def lost(before: Document, now: Document) -> list[str]:
    """Return everything that clients of the first document may use and the second lacks."""
    return list(_lost_paths(before, now))


def _lost_paths(before: Document, now: Document) -> Iterator[str]:
    for path, methods in before["paths"].items():
        for method, operation in methods.items():
            place = f"{method.upper()} {path}"
            kept = now["paths"].get(path, {}).get(method)
            if kept is None:
                yield f"{place}: is gone"
                continue
            old, new = _plain(before, operation), _plain(now, kept)
            yield from _lost_parameters(old, new, place)
            yield from _lost_body(old, new, place)
            yield from _lost_responses(old, new, place)
            for member in ("operationId", "security"):
                if old.get(member) != new.get(member):
                    yield f"{place}: {member} {old.get(member)!r} is now {new.get(member)!r}"


def _lost_parameters(old: Document, new: Document, place: str) -> Iterator[str]:
    kept = {(one["in"], one["name"].lower()): one for one in new.get("parameters", ())}
    known = {(one["in"], one["name"].lower()): one for one in old.get("parameters", ())}
    for key, parameter in known.items():
        if key not in kept:
            yield f"{place}: parameter {key} is gone"
        else:
            yield from _lost_schema(parameter["schema"], kept[key]["schema"], f"{place} {key}", sent=True)
    for key, parameter in kept.items():
        if parameter.get("required") and not known.get(key, {}).get("required"):
            yield f"{place}: parameter {key} is now required"


def _lost_body(old: Document, new: Document, place: str) -> Iterator[str]:
    content = new.get("requestBody", {}).get("content", {})
    for kind, media in old.get("requestBody", {}).get("content", {}).items():
        if kind not in content:
            yield f"{place}: no body of {kind} any more"
        else:
            yield from _lost_schema(
                media.get("schema"), content[kind].get("schema"), f"{place} body", sent=True
            )


def _lost_responses(old: Document, new: Document, place: str) -> Iterator[str]:
    for status, response in old["responses"].items():
        kept = new["responses"].get(status)
        if kept is None:
            yield f"{place}: status {status} is gone"
            continue
        for kind, media in response.get("content", {}).items():
            if kind not in kept.get("content", {}):
                yield f"{place} {status}: no answer of {kind} any more"
            else:
                schemas = media.get("schema"), kept["content"][kind].get("schema")
                yield from _lost_schema(*schemas, f"{place} {status}", sent=False)


def _lost_schema(old: Any, new: Any, place: str, *, sent: bool) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Return the losses of a schema; of a request schema, new demands too."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _lost_schema(*pair, f"{place}[{number}]", sent=sent)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _lost_members(old, new, place, sent=sent)
    elif old != new:
        yield f"{place}: {old!r} is now {new!r}"


def _lost_members(old: Document, new: Document, place: str, *, sent: bool) -> Iterator[str]:
    before, now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(now - before if sent else before - now):
        yield f"{place}.{name}: is {'now' if sent else 'no longer'} required"
    for name in old.get("properties", {}):
        if name in new.get("properties", {}):
            schemas = old["properties"][name], new["properties"][name]
            yield from _lost_schema(*schemas, f"{place}.{name}", sent=sent)
        else:
            yield f"{place}.{name}: is gone"
    for value in old.get("enum", ()):
        if value not in new.get("enum", ()):
            yield f"{place}: value {value!r} is gone"
    apart = {"properties", "required", "enum"}
    for name in sorted(old.keys() | new.keys() - apart):
        if name not in apart:
            yield from _lost_schema(old.get(name), new.get(name), f"{place}/{name}", sent=sent)


def _plain(document: Document, node: Any, above: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - any JSON
    """Return a part of a document without descriptions, every `$ref` resolved."""
    if isinstance(node, list):
        return [_plain(document, one, above) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in above:
            return {"recursive": len(above) - above.index(name)}
        return _plain(document, document["components"]["schemas"][name], (*above, name))
    return {
        name: {member: _plain(document, one, above) for member, one in value.items()}
        if name == "properties"
        else _plain(document, value, above)
        for name, value in node.items()
        if name not in _WORDS
    }

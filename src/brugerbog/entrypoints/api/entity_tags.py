"""Entity tags of users, and the headers If-Match and If-None-Match (RFC 9110, sections 8.8.3 and 13.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from brugerbog.entrypoints.http.refusals import RequestInvalid

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_PLACEHOLDER: Final = "\0"
"""A character that no header can hold."""

_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")


def tag_of(version: int) -> str:
    """Return the strong entity tag of a user at a version."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The entity tags in a header; `anything` stands for `*`."""

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    anything: bool = False

    @classmethod
    def parse(cls, name: str, written: str) -> EntityTags:
        """Parse a header. Raises: RequestInvalid, if the header isn't a list of entity tags."""
        if written.strip() == "*":
            return cls(anything=True)
        members = {member.strip(" \t") for member in _TAG.sub(_PLACEHOLDER, written).split(",")}
        if members - {""} != {_PLACEHOLDER}:
            refusal = RequestInvalid(f"{name} er ikke en liste af ETags.", "not a list of entity tags")
            refusal.concerns = f"header.{name}"
            raise refusal
        tags = _TAG.findall(written)
        return cls(
            frozenset(opaque for weak, opaque in tags if not weak),
            frozenset(opaque for weak, opaque in tags if weak),
        )

    def versions(self) -> tuple[int, ...]:
        """Return the versions that match by strong comparison (If-Match); a weak tag matches none."""
        return tuple(int(tag) for tag in self.strong if _VERSION.fullmatch(tag))

    def matches_weakly(self, version: int) -> bool:
        """Return whether one of the tags matches the version by weak comparison (If-None-Match)."""
        return self.anything or str(version) in self.strong | self.weak

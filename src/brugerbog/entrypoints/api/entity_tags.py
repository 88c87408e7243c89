"""Entity tags of users, and the conditions that headers make of them (RFC 9110, sections 8.8.3 and 13.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from brugerbog.entrypoints.http.refusals import RequestInvalid

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_HERE_WAS_ONE: Final = "\0"
"""No header holds this sign."""

_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")


def tag_of(version: int) -> str:
    """The strong entity tag of a user at a version."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class EntityTags:
    """Tags that a header names; with `anything` it is `*`."""

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    anything: bool = False

    @classmethod
    def read(cls, name: str, written: str) -> EntityTags:
        """What a header says. Raises: RequestInvalid, for what isn't a list of entity tags."""
        if written.strip() == "*":
            return cls(anything=True)
        places = {one.strip(" \t") for one in _TAG.sub(_HERE_WAS_ONE, written).split(",")}
        if places - {""} != {_HERE_WAS_ONE}:
            refusal = RequestInvalid(f"{name} er ikke en liste af ETags.", "not a list of entity tags")
            refusal.concerns = f"header.{name}"
            raise refusal
        tags = _TAG.findall(written)
        return cls(
            frozenset(opaque for weak, opaque in tags if not weak),
            frozenset(opaque for weak, opaque in tags if weak),
        )

    def versions(self) -> tuple[int, ...]:
        """The versions that match by strong comparison, as If-Match asks for: no weak tag ever does."""
        return tuple(int(one) for one in self.strong if _VERSION.fullmatch(one))

    def names(self, version: int) -> bool:
        """Whether one of them is the version's by weak comparison, as If-None-Match asks for."""
        return self.anything or str(version) in self.strong | self.weak

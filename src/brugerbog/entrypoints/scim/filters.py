"""Narrows a SCIM filter down to a few questions: only who may match is looked at by himself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scim2_models import InvalidFilterException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from brugerbog.application.queries.user_list import UserQuestion
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scim2_models import ScimFilter

_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")

EQUAL: Final = frozenset({CompareOperator.eq})
BEGINS: Final = frozenset({CompareOperator.eq, CompareOperator.sw})


def _search(text: str) -> list[UserQuestion]:
    return [UserQuestion(search=text)]


def _of_status(text: str) -> list[UserQuestion]:
    return [UserQuestion(status=one) for one in Status if one.value == text.lower()]


_NARROWING: Final[dict[str, tuple[frozenset[CompareOperator], Callable[[str], list[UserQuestion]]]]] = {
    "username": (EQUAL, lambda text: [UserQuestion(account=text)]),
    "externalid": (EQUAL, lambda text: [UserQuestion(external_id=text)]),
    "id": (EQUAL, _search),
    "emails.value": (EQUAL, _search),
    "name.givenname": (BEGINS, _search),
    "name.familyname": (BEGINS, _search),
    "pnumber": (EQUAL, lambda text: [UserQuestion(p_number=text)]),
    "senumber": (EQUAL, lambda text: [UserQuestion(se_number=text)]),
    "status": (EQUAL, _of_status),
}
"""By what we find users quickly: the comparisons, and the questions whose answers hold whoever matches."""


def questions_for(scim_filter: ScimFilter[Any] | None) -> list[UserQuestion]:
    """Questions whose answers together hold whoever may match: everybody, where nothing is narrower.

    Raises: InvalidFilterException, where a CPR number is asked for: none belongs in an address on the net;
    and for a text that UTF-8 can't encode or no database keeps.
    """
    if scim_filter is None:
        return [UserQuestion()]
    comparisons = list(_comparisons(scim_filter.ast))
    if any(one.attr_path.attr.lower() == "cpr" for one in comparisons):
        raise InvalidFilterException(detail="cpr is never told, so nobody is found by it.")
    if any(_NO_TEXT.search(str(one.value)) for one in comparisons if isinstance(one, Comparison)):
        raise InvalidFilterException(detail="A value holds half a UTF-16 pair, or NUL: no user has either.")
    found = _narrowed(scim_filter.ast, "")
    return [UserQuestion()] if found is None else found


def _comparisons(node: FilterNode) -> Iterator[Comparison | Present | ValuePath]:
    if isinstance(node, Comparison | Present | ValuePath):
        yield node
    if isinstance(node, ValuePath):
        yield from _comparisons(node.val_filter)
    elif isinstance(node, Not):
        yield from _comparisons(node.expr)
    elif isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _comparisons(term)


def _narrowed(node: FilterNode, prefix: str) -> list[UserQuestion] | None:
    if isinstance(node, Comparison):
        return _compared(node, prefix)
    if isinstance(node, ValuePath):
        return _narrowed(node.val_filter, f"{node.attr_path.attr.lower()}.")
    if isinstance(node, LogicalExpr):
        parts = [_narrowed(term, prefix) for term in node.terms]
        if node.op is LogicalOperator.and_:
            return next((part for part in parts if part is not None), None)
        if all(part is not None for part in parts):
            return [question for part in parts for question in part or ()]
    return None


def _compared(node: Comparison, prefix: str) -> list[UserQuestion] | None:
    path = node.attr_path
    name = prefix + ".".join(part.lower() for part in (path.attr, path.sub_attr) if part)
    if name == "active" and node.value is False and node.op in EQUAL:
        return _of_status(Status.DEACTIVATED)
    known = _NARROWING.get("emails.value" if name == "emails" else name)
    if known is None or node.op not in known[0] or not isinstance(node.value, str) or not node.value.strip():
        return None
    return known[1](node.value)

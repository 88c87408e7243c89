"""Translates a SCIM filter to queries that return all users who may match it, and few others."""

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

from brugerbog.application.queries.user_list import UserQuery
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scim2_models import ScimFilter

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

EQUAL: Final = frozenset({CompareOperator.eq})
BEGINS: Final = frozenset({CompareOperator.eq, CompareOperator.sw})


def _by_search(text: str) -> list[UserQuery]:
    return [UserQuery(search=text)]


def _by_status(text: str) -> list[UserQuery]:
    return [UserQuery(status=status) for status in Status if status.value == text.lower()]


_QUESTIONS_BY_ATTRIBUTE: Final[
    dict[str, tuple[frozenset[CompareOperator], Callable[[str], list[UserQuery]]]]
] = {
    "username": (EQUAL, lambda text: [UserQuery(account=text)]),
    "externalid": (EQUAL, lambda text: [UserQuery(external_id=text)]),
    "id": (EQUAL, _by_search),
    "emails.value": (EQUAL, _by_search),
    "name.givenname": (BEGINS, _by_search),
    "name.familyname": (BEGINS, _by_search),
    "pnumber": (EQUAL, lambda text: [UserQuery(p_number=text)]),
    "senumber": (EQUAL, lambda text: [UserQuery(se_number=text)]),
    "status": (EQUAL, _by_status),
}
"""For each indexed attribute: the supported comparisons, and queries whose results include all matches."""


def questions_for(scim_filter: ScimFilter[Any] | None) -> list[UserQuery]:
    """Return queries whose results together include all matching users.

    Without an indexed attribute in the filter, one query returns all users.

    Raises: InvalidFilterException, for a filter on `cpr`, since no CPR number belongs in a URL; and for a
    text that UTF-8 can't encode or databases can't store.
    """
    if scim_filter is None:
        return [UserQuery()]
    comparisons = list(_comparisons(scim_filter.ast))
    if any(node.attr_path.attr.lower() == "cpr" for node in comparisons):
        raise InvalidFilterException(detail="cpr is never returned, so it can't be filtered on.")
    if any(_UNSTORABLE.search(str(node.value)) for node in comparisons if isinstance(node, Comparison)):
        raise InvalidFilterException(
            detail="A value holds half a UTF-16 pair, or NUL, which no stored value can hold."
        )
    found = _questions_of(scim_filter.ast, "")
    return [UserQuery()] if found is None else found


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


def _questions_of(node: FilterNode, prefix: str) -> list[UserQuery] | None:
    if isinstance(node, Comparison):
        return _questions_of_comparison(node, prefix)
    if isinstance(node, ValuePath):
        return _questions_of(node.val_filter, f"{node.attr_path.attr.lower()}.")
    if isinstance(node, LogicalExpr):
        parts = [_questions_of(term, prefix) for term in node.terms]
        if node.op is LogicalOperator.and_:
            return next((part for part in parts if part is not None), None)
        if all(part is not None for part in parts):
            return [question for part in parts for question in part or ()]
    return None


def _questions_of_comparison(node: Comparison, prefix: str) -> list[UserQuery] | None:
    path = node.attr_path
    name = prefix + ".".join(part.lower() for part in (path.attr, path.sub_attr) if part)
    if name == "active" and node.value is False and node.op in EQUAL:
        return _by_status(Status.DEACTIVATED)
    known = _QUESTIONS_BY_ATTRIBUTE.get("emails.value" if name == "emails" else name)
    if known is None or node.op not in known[0] or not isinstance(node.value, str) or not node.value.strip():
        return None
    return known[1](node.value)

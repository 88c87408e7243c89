"""The SCIM protocol as the library has it, but for what we assume of a new user when nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from scim2_models import Context
from scim2_server.service import ScimService, scim_exception_of

from brugerbog.entrypoints.scim.request_mapping import must_be_ours
from brugerbog.entrypoints.scim.resources import OUR_SCHEMA
from brugerbog.entrypoints.scim.service_provider import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scim2_models import PatchOp, Resource, ResourceType


class Protocol(ScimService):
    """Made for one request; `level` tells the assurance level of the organisation that it concerns."""

    def __init__(self, level: Callable[[], str]) -> None:
        super().__init__(PROVIDER)
        self._level = level

    def read_creation(
        self, resource_type: ResourceType, body: bytes, content_type: str | None
    ) -> Resource[Any]:
        """A new user is active, and at the organisation's level, unless something else is said."""
        said = self.decode_body(body, content_type)
        if isinstance(said, dict):
            _assume(said, "active", lambda: True)
            _assume(said, OUR_SCHEMA, dict)
            ours = next((part for name, part in said.items() if name.lower() == OUR_SCHEMA.lower()), None)
            if isinstance(ours, dict):
                _assume(ours, "targetIal", self._level)
        try:
            return self.get_model(resource_type).model_validate(
                said, scim_ctx=Context.RESOURCE_CREATION_REQUEST
            )
        except ValidationError as error:
            raise scim_exception_of(error) from None

    def read_patch(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> PatchOp[Any]:
        """Others' attributes that we don't have are passed over, but none of our own schema."""
        said = super().read_patch(resource_type, body, content_type)
        for operation in said.operations or ():
            whole = operation.value if operation.path is None else {str(operation.path): None}
            must_be_ours(_ours(whole) if isinstance(whole, dict) else ())
        return said


def _ours(names: Iterable[str]) -> Iterator[str]:
    """The attributes of our own schema among full names."""
    for name in names:
        if name.lower().startswith(f"{OUR_SCHEMA.lower()}:"):
            yield name[len(OUR_SCHEMA) + 1 :]


def _assume(said: dict[str, Any], name: str, value: Callable[[], Any]) -> None:
    if name.lower() not in {known.lower() for known in said}:
        said[name] = value()

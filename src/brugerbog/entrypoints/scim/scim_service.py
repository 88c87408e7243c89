"""The SCIM library's service, with default values for new users and strict names in the extension schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from scim2_models import Context
from scim2_server.service import ScimService, scim_exception_of

from brugerbog.entrypoints.scim.request_mapping import reject_unknown_attributes
from brugerbog.entrypoints.scim.resources import EXTENSION_SCHEMA
from brugerbog.entrypoints.scim.service_provider import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scim2_models import PatchOp, Resource, ResourceType


class UserScimService(ScimService):
    """The SCIM service of one request; `level` returns the organisation's assurance level."""

    def __init__(self, level: Callable[[], str]) -> None:
        super().__init__(PROVIDER)
        self._level = level

    def read_creation(
        self, resource_type: ResourceType, body: bytes, content_type: str | None
    ) -> Resource[Any]:
        """Read a new user; `active` defaults to true and `targetIal` to the organisation's level."""
        document = self.decode_body(body, content_type)
        if isinstance(document, dict):
            _set_default(document, "active", lambda: True)
            _set_default(document, EXTENSION_SCHEMA, dict)
            extension = next(
                (part for name, part in document.items() if name.lower() == EXTENSION_SCHEMA.lower()), None
            )
            if isinstance(extension, dict):
                _set_default(extension, "targetIal", self._level)
        try:
            return self.get_model(resource_type).model_validate(
                document, scim_ctx=Context.RESOURCE_CREATION_REQUEST
            )
        except ValidationError as error:
            raise scim_exception_of(error) from None

    def read_patch(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> PatchOp[Any]:
        """Read a patch; unknown attributes of other schemas are ignored, of the extension schema refused."""
        patch = super().read_patch(resource_type, body, content_type)
        for operation in patch.operations or ():
            values = operation.value if operation.path is None else {str(operation.path): None}
            reject_unknown_attributes(_extension_attributes(values) if isinstance(values, dict) else ())
        return patch


def _extension_attributes(names: Iterable[str]) -> Iterator[str]:
    """Yield the attributes of the extension schema among full names."""
    for name in names:
        if name.lower().startswith(f"{EXTENSION_SCHEMA.lower()}:"):
            yield name[len(EXTENSION_SCHEMA) + 1 :]


def _set_default(document: dict[str, Any], name: str, value: Callable[[], Any]) -> None:
    if name.lower() not in {present.lower() for present in document}:
        document[name] = value()

"""Response models of the API, separate from the service's own types, so that those may change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ResponseModel(BaseModel):
    """A response. Instants are in UTC; dates are Danish dates."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)

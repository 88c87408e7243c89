"""What the API answers: a contract of its own, so that what the service holds inside may change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ResponseModel(BaseModel):
    """An answer. Instants are UTC; days are Danish days."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)

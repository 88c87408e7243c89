"""Column types of the read tables, sorted and compared alike by both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text, Uuid
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class Uid(TypeDecorator[UUID]):
    """A UUID: PostgreSQL's UUID type, 16 bytes on SQLite; both sort alike."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid())
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ANN401, ARG002
        return value if value is None or isinstance(value, UUID) else UUID(bytes=value)


INSTANT: Final = BigInteger()
"""Microseconds since 1970-01-01 UTC."""

CODE_POINTS: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code points, whatever the database's locale."""

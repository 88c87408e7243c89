"""The migrations of a store's tables, oldest first; a released migration never changes.

Tables in a migration are as they were then, and share nothing with `schema.py`, which goes on changing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.infrastructure.migrations.m1_mails_and_links import MAILS_AND_LINKS
from brugerbog.infrastructure.migrations.m2_append_only_log import GUARDED_LOG
from brugerbog.infrastructure.migrations.m3_key_rotation import KEYS_THAT_CHANGE
from brugerbog.infrastructure.migrations.m4_directory_accounts import DIRECTORY_ACCOUNTS
from brugerbog.infrastructure.migrations.m5_claims_by_visible_name import CLAIMS_BY_WHAT_IS_SEEN
from brugerbog.infrastructure.migrations.m6_token_key import TOKENS_OF_THEIR_OWN
from brugerbog.infrastructure.migrations.m7_read_schema import READ_SCHEMA
from brugerbog.infrastructure.migrations.m8_claims_without_dots import CLAIMS_WITHOUT_DOTS

if TYPE_CHECKING:
    from brugerbog.infrastructure.migrations.migration import Migration

MIGRATIONS: Final[tuple[Migration, ...]] = (
    MAILS_AND_LINKS,
    GUARDED_LOG,
    KEYS_THAT_CHANGE,
    DIRECTORY_ACCOUNTS,
    CLAIMS_BY_WHAT_IS_SEEN,
    TOKENS_OF_THEIR_OWN,
    READ_SCHEMA,
    CLAIMS_WITHOUT_DOTS,
)

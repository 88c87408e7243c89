"""The steps from one form of a store's tables to the next, oldest first; once released, a step never changes.

Tables in a step are as they were then, and share nothing with `schema.py`, which goes on changing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.infrastructure.store.steps.claims_by_what_is_seen import CLAIMS_BY_WHAT_IS_SEEN
from brugerbog.infrastructure.store.steps.claims_without_dots import CLAIMS_WITHOUT_DOTS
from brugerbog.infrastructure.store.steps.directory_accounts import DIRECTORY_ACCOUNTS
from brugerbog.infrastructure.store.steps.guarded_log import GUARDED_LOG
from brugerbog.infrastructure.store.steps.keys_that_change import KEYS_THAT_CHANGE
from brugerbog.infrastructure.store.steps.mails_and_links import MAILS_AND_LINKS
from brugerbog.infrastructure.store.steps.read_schema import READ_SCHEMA
from brugerbog.infrastructure.store.steps.tokens_of_their_own import TOKENS_OF_THEIR_OWN

if TYPE_CHECKING:
    from brugerbog.infrastructure.store.steps.step import Step

STEPS: Final[tuple[Step, ...]] = (
    MAILS_AND_LINKS,
    GUARDED_LOG,
    KEYS_THAT_CHANGE,
    DIRECTORY_ACCOUNTS,
    CLAIMS_BY_WHAT_IS_SEEN,
    TOKENS_OF_THEIR_OWN,
    READ_SCHEMA,
    CLAIMS_WITHOUT_DOTS,
)

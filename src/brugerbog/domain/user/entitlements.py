"""What a user may do for the organisation: rights in services, signing, sealing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.state import UserEvent, UserState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.settings import Settings


class RightsGranted(UserEvent):
    """The user has these rights, by their ids in the organisation's catalogue, besides those he had."""

    TOPIC = "user.rights_granted"
    rights: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.rights = (*user.rights, *self.rights)


class RightsRevoked(UserEvent):
    """The user has these rights no more."""

    TOPIC = "user.rights_revoked"
    rights: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.rights = tuple(one for one in user.rights if one not in self.rights)


class SigningAllowed(UserEvent):
    """The user may sign for the organisation."""

    TOPIC = "user.signing_allowed"

    def apply(self, user: UserState) -> None:
        user.can_sign = True


class SigningWithdrawn(UserEvent):
    """The user may no longer sign for the organisation."""

    TOPIC = "user.signing_withdrawn"

    def apply(self, user: UserState) -> None:
        user.can_sign = False


class SealingProfilesAssigned(UserEvent):
    """The user may seal for the organisation with these certificate profiles, and no others; perhaps none."""

    TOPIC = "user.sealing_profiles_assigned"
    profiles: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.sealing_profiles = tuple(self.profiles)


class Entitlements(UserState):
    """Given and taken by rights administrators (guide, Rettigheder, Underskrift, Segldannelse)."""

    def grant_rights(
        self, context: CommandContext, rights: Iterable[str], settings: Settings
    ) -> tuple[str, ...]:
        """Give rights of the catalogue; those he has record nothing. Returns the new ones.

        Raises: AlreadyDeleted, RightUnknown.
        """
        self._must_live()
        wanted = dict.fromkeys(rights)
        known = {right.id for right in settings.rights}
        if not known.issuperset(wanted):
            raise RightUnknown
        new = tuple(one for one in wanted if one not in self.rights)
        if new:
            self.record(context, RightsGranted, rights=new)
        return new

    def revoke_rights(self, context: CommandContext, rights: Iterable[str]) -> tuple[str, ...]:
        """Take rights away; those he hasn't record nothing. Returns those taken. Raises: AlreadyDeleted."""
        self._must_live()
        gone = tuple(one for one in dict.fromkeys(rights) if one in self.rights)
        if gone:
            self.record(context, RightsRevoked, rights=gone)
        return gone

    def allow_signing(self, context: CommandContext) -> None:
        """Let the user sign for the organisation; once more records nothing. Raises: AlreadyDeleted."""
        self._must_live()
        if not self.can_sign:
            self.record(context, SigningAllowed)

    def withdraw_signing(self, context: CommandContext) -> None:
        """No longer let him sign; once more records nothing. Raises: AlreadyDeleted."""
        self._must_live()
        if self.can_sign:
            self.record(context, SigningWithdrawn)

    def assign_sealing_profiles(
        self, context: CommandContext, profiles: Iterable[str], settings: Settings
    ) -> None:
        """Let the user seal with these profiles and no others; the same again records nothing.

        Profiles that he has already he may keep. Raises: AlreadyDeleted, SealingNotAllowed, ProfileNotActive.
        """
        self._must_live()
        wanted = tuple(dict.fromkeys(profiles))
        new = [one for one in wanted if one not in self.sealing_profiles]
        if new and not settings.allow_sealing:
            raise SealingNotAllowed
        if not set(new) <= set(settings.certificate_profiles):
            raise ProfileNotActive
        if set(wanted) != set(self.sealing_profiles):
            self.record(context, SealingProfilesAssigned, profiles=wanted)


@dataclass(eq=False)
class RightUnknown(Refusal):
    """Only rights of the organisation's catalogue can be given."""

    code = "right_unknown"
    danish = "Rettigheden findes ikke i organisationens katalog. Vælg en fra listen under Indstillinger."
    english = "The right isn't in the organisation's catalogue."


@dataclass(eq=False)
class SealingNotAllowed(Refusal):
    """Sealing only where the organisation allows it by certificate profiles (guide, Segldannelse)."""

    code = "sealing_not_allowed"
    danish = "Jeres organisation tillader ikke segldannelse med certifikatprofiler. Spørg administratoren."
    english = "The organisation doesn't allow sealing by certificate profiles."


@dataclass(eq=False)
class ProfileNotActive(Refusal):
    """Only the organisation's active certificate profiles (guide, Segldannelse)."""

    code = "profile_not_active"
    danish = "Certifikatprofilen er ikke aktiv i organisationen. Vælg en af de aktive profiler."
    english = "The certificate profile isn't one of the organisation's active ones."

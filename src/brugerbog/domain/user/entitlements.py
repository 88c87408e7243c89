"""Entitlements of a user: rights in services, signing, sealing."""

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
    """These rights were granted besides earlier ones, by their ids in the organisation's catalogue."""

    TOPIC = "user.rights_granted"
    rights: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.rights = (*user.rights, *self.rights)


class RightsRevoked(UserEvent):
    """These rights of the user were revoked."""

    TOPIC = "user.rights_revoked"
    rights: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.rights = tuple(right for right in user.rights if right not in self.rights)


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
    """The user may seal for the organisation with exactly these certificate profiles; perhaps none."""

    TOPIC = "user.sealing_profiles_assigned"
    profiles: tuple[str, ...]

    def apply(self, user: UserState) -> None:
        user.sealing_profiles = tuple(self.profiles)


class Entitlements(UserState):
    """Commands of rights administrators (guide, Rettigheder, Underskrift, Segldannelse)."""

    def grant_rights(
        self, context: CommandContext, rights: Iterable[str], settings: Settings
    ) -> tuple[str, ...]:
        """Grant rights of the catalogue, and return the new ones; rights the user has record nothing.

        Raises: AlreadyDeleted, RightUnknown.
        """
        self._must_not_be_deleted()
        wanted = dict.fromkeys(rights)
        catalogue = {right.id for right in settings.rights}
        if not catalogue.issuperset(wanted):
            raise RightUnknown
        new = tuple(right for right in wanted if right not in self.rights)
        if new:
            self.record(context, RightsGranted, rights=new)
        return new

    def revoke_rights(self, context: CommandContext, rights: Iterable[str]) -> tuple[str, ...]:
        """Revoke rights, and return those revoked; rights the user lacks record nothing.

        Raises: AlreadyDeleted.
        """
        self._must_not_be_deleted()
        revoked = tuple(right for right in dict.fromkeys(rights) if right in self.rights)
        if revoked:
            self.record(context, RightsRevoked, rights=revoked)
        return revoked

    def allow_signing(self, context: CommandContext) -> None:
        """Let the user sign for the organisation; a repeat records nothing. Raises: AlreadyDeleted."""
        self._must_not_be_deleted()
        if not self.can_sign:
            self.record(context, SigningAllowed)

    def withdraw_signing(self, context: CommandContext) -> None:
        """Withdraw the right to sign; a repeat records nothing. Raises: AlreadyDeleted."""
        self._must_not_be_deleted()
        if self.can_sign:
            self.record(context, SigningWithdrawn)

    def assign_sealing_profiles(
        self, context: CommandContext, profiles: Iterable[str], settings: Settings
    ) -> None:
        """Let the user seal with exactly these profiles; the same profiles again record nothing.

        Profiles that the user has already are not checked again.
        Raises: AlreadyDeleted, SealingNotAllowed, ProfileNotActive.
        """
        self._must_not_be_deleted()
        wanted = tuple(dict.fromkeys(profiles))
        new = [profile for profile in wanted if profile not in self.sealing_profiles]
        if new and not settings.allow_sealing:
            raise SealingNotAllowed
        if not set(new) <= set(settings.certificate_profiles):
            raise ProfileNotActive
        if set(wanted) != set(self.sealing_profiles):
            self.record(context, SealingProfilesAssigned, profiles=wanted)


@dataclass(eq=False)
class RightUnknown(Refusal):
    """The right must be in the organisation's catalogue."""

    code = "right_unknown"
    danish = "Rettigheden findes ikke i organisationens katalog. Vælg en fra listen under Indstillinger."
    english = "The right isn't in the organisation's catalogue."


@dataclass(eq=False)
class SealingNotAllowed(Refusal):
    """The organisation must allow sealing by certificate profiles (guide, Segldannelse)."""

    code = "sealing_not_allowed"
    danish = "Jeres organisation tillader ikke segldannelse med certifikatprofiler. Spørg administratoren."
    english = "The organisation doesn't allow sealing by certificate profiles."


@dataclass(eq=False)
class ProfileNotActive(Refusal):
    """The certificate profile must be active in the organisation (guide, Segldannelse)."""

    code = "profile_not_active"
    danish = "Certifikatprofilen er ikke aktiv i organisationen. Vælg en af de aktive profiler."
    english = "The certificate profile isn't one of the organisation's active ones."

"""What a user may do for the organisation: rights in services, signing, sealing."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import CommandOnUser
from brugerbog.entrypoints.api.requests import ProfileIds, RightIds
from brugerbog.entrypoints.api.responses.outcomes import Outcome
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["rights"])


@router.post("/users/{user_id:uuid}/grant-rights", response_model=Outcome)
def grant_rights(give: CommandOnUser, user_id: UUID, said: RightIds) -> object:
    """Give a user rights of the catalogue; those he has record nothing."""
    return give.on(user_id).grant_rights(give.actor, user_id, said.rights, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/revoke-rights", response_model=Outcome)
def revoke_rights(give: CommandOnUser, user_id: UUID, said: RightIds) -> object:
    """Take rights from a user; those he hasn't record nothing."""
    return give.on(user_id).revoke_rights(give.actor, user_id, said.rights, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/allow-signing", response_model=Outcome)
def allow_signing(give: CommandOnUser, user_id: UUID) -> object:
    """Let a user sign for the organisation (`allowSigning` in the official API)."""
    return give.on(user_id).allow_signing(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/withdraw-signing", response_model=Outcome)
def withdraw_signing(give: CommandOnUser, user_id: UUID) -> object:
    """No longer let a user sign."""
    return give.on(user_id).withdraw_signing(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/assign-sealing-profiles", response_model=Outcome)
def assign_sealing_profiles(give: CommandOnUser, user_id: UUID, said: ProfileIds) -> object:
    """Let a user seal with these certificate profiles and no others, or none."""
    return give.on(user_id).assign_sealing_profiles(
        give.actor, user_id, said.profiles, command_id=give.command_id
    )

"""What a user may do for the organisation: rights in services, signing, sealing."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import ApiUserCommandDep
from brugerbog.entrypoints.api.requests import ProfileIds, RightIds
from brugerbog.entrypoints.api.responses.outcomes import Outcome
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["rights"])


@router.post("/users/{user_id:uuid}/grant-rights", response_model=Outcome)
def grant_rights(command: ApiUserCommandDep, user_id: UUID, body: RightIds) -> object:
    """Grant rights of the catalogue to a user; rights that the user has already record nothing."""
    return command.on(user_id).grant_rights(
        command.actor, user_id, body.rights, command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/revoke-rights", response_model=Outcome)
def revoke_rights(command: ApiUserCommandDep, user_id: UUID, body: RightIds) -> object:
    """Revoke rights of a user; rights that the user doesn't have record nothing."""
    return command.on(user_id).revoke_rights(
        command.actor, user_id, body.rights, command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/allow-signing", response_model=Outcome)
def allow_signing(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Allow a user to sign for the organisation (`allowSigning` in the official API)."""
    return command.on(user_id).allow_signing(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/withdraw-signing", response_model=Outcome)
def withdraw_signing(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Withdraw a user's permission to sign."""
    return command.on(user_id).withdraw_signing(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/assign-sealing-profiles", response_model=Outcome)
def assign_sealing_profiles(command: ApiUserCommandDep, user_id: UUID, body: ProfileIds) -> object:
    """Replace the certificate profiles with which a user may seal; an empty list removes all."""
    return command.on(user_id).assign_sealing_profiles(
        command.actor, user_id, body.profiles, command_id=command.command_id
    )

"""Activation and means: sending, resending, codes, assigning."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import Command, CommandOnUser
from brugerbog.entrypoints.api.requests import FurtherMeans, MeansToAssign, UsersToSend, named_shared
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode
from brugerbog.entrypoints.api.responses.users import Sending
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["activation and means"])


@router.post("/users/send-to-activation", response_model=Sending)
def send_many_to_activation(give: Command, said: UsersToSend) -> object:
    """Send many imported users to activation (`activation-orders` in the official API)."""
    return give.administration.send_many_to_activation(
        give.actor, said.user_ids, means=said.means, command_id=give.command_id
    )


@router.post("/users/{user_id:uuid}/send-to-activation", response_model=OutcomeWithCode)
def send_to_activation(give: CommandOnUser, user_id: UUID, said: FurtherMeans) -> object:
    """Send one imported user to activation, with further means; perhaps with a temporary code."""
    return give.on(user_id).send_to_activation(
        give.actor, user_id, means=said.means, command_id=give.command_id
    )


@router.post("/users/{user_id:uuid}/resend-activation-mail", response_model=Outcome)
def resend_activation_mail(give: CommandOnUser, user_id: UUID) -> object:
    """Send the activation mail again, with a link for new 30 days; the earlier link is void."""
    return give.on(user_id).resend_activation_mail(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/issue-code", response_model=OutcomeWithCode)
def issue_code(give: CommandOnUser, user_id: UUID) -> object:
    """Make a new temporary code, and send a new link (`requestcredentials` in the official API)."""
    return give.on(user_id).issue_code(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/activate", response_model=Outcome)
def activate_user(give: CommandOnUser, user_id: UUID) -> object:
    """Refused to everybody: without proof of identity only the operator activates, on the machine itself."""
    return give.on(user_id).activate_user(give.actor, user_id, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/assign-means", response_model=Outcome)
def assign_means(give: CommandOnUser, user_id: UUID, said: MeansToAssign) -> object:
    """Give a user more means, of which he gets a mail."""
    return give.on(user_id).assign_means(
        give.actor, user_id, said.means, shared=named_shared(said.shared), command_id=give.command_id
    )


@router.post("/users/{user_id:uuid}/resend-means-mail", response_model=Outcome)
def resend_means_mail(give: CommandOnUser, user_id: UUID) -> object:
    """Send the mail about assigned means again; the earlier link is void."""
    return give.on(user_id).resend_means_mail(give.actor, user_id, command_id=give.command_id)

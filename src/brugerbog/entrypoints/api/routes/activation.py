"""Activation and means: send to activation, resend mails, issue codes, assign means."""

from __future__ import annotations

from uuid import UUID

from brugerbog.entrypoints.api.request_context import ApiCommandDep, ApiUserCommandDep
from brugerbog.entrypoints.api.requests import FurtherMeans, MeansToAssign, UsersToSend, named_shared_means
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithCode
from brugerbog.entrypoints.api.responses.users import Sending
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["activation and means"])


@router.post("/users/send-to-activation", response_model=Sending)
def send_many_to_activation(command: ApiCommandDep, body: UsersToSend) -> object:
    """Send many imported users to activation (`activation-orders` in the official API)."""
    return command.administration.send_many_to_activation(
        command.actor, body.user_ids, means=body.means, command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/send-to-activation", response_model=OutcomeWithCode)
def send_to_activation(command: ApiUserCommandDep, user_id: UUID, body: FurtherMeans) -> object:
    """Send one imported user to activation, with further means.

    The response has a temporary code if only the date of birth is known.
    """
    return command.on(user_id).send_to_activation(
        command.actor, user_id, means=body.means, command_id=command.command_id
    )


@router.post("/users/{user_id:uuid}/resend-activation-mail", response_model=Outcome)
def resend_activation_mail(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Send the activation mail again, with a new link valid for 30 days; the earlier link is void."""
    return command.on(user_id).resend_activation_mail(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/issue-code", response_model=OutcomeWithCode)
def issue_code(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Issue a new temporary code and send a new link (`requestcredentials` in the official API)."""
    return command.on(user_id).issue_code(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/activate", response_model=Outcome)
def activate_user(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Always refused: activation without identity proof is only possible for the operator, on the CLI."""
    return command.on(user_id).activate_user(command.actor, user_id, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/assign-means", response_model=Outcome)
def assign_means(command: ApiUserCommandDep, user_id: UUID, body: MeansToAssign) -> object:
    """Assign further means to a user; the user gets a mail."""
    return command.on(user_id).assign_means(
        command.actor,
        user_id,
        body.means,
        shared=named_shared_means(body.shared),
        command_id=command.command_id,
    )


@router.post("/users/{user_id:uuid}/resend-means-mail", response_model=Outcome)
def resend_means_mail(command: ApiUserCommandDep, user_id: UUID) -> object:
    """Send the mail about assigned means again; the earlier link is void."""
    return command.on(user_id).resend_means_mail(command.actor, user_id, command_id=command.command_id)

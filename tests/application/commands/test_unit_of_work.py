"""A unit of work appends the changes of what was loaded for update, and refuses changes of what was read."""

from collections.abc import Callable
from uuid import UUID

import pytest

from brugerbog.application.commands.unit_of_work import ChangedWithoutUpdate, UnitOfWork
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.values.status import Status
from tests.org_driver import OrgDriver


def execute(org: OrgDriver, decide: Callable[[UnitOfWork], object]) -> None:
    """Execute a decision as if it were the command `delete_user`."""

    def without_subject(uow: UnitOfWork) -> None:
        decide(uow)

    org.administration._execute("delete_user", org.actor, without_subject, None)


def end_sessions(uow: UnitOfWork, organisation: Organisation, user_id: UUID) -> None:
    organisation.end_sessions(uow.context, uow.read([user_id])[0])


def test_changes_of_a_user_loaded_for_update_are_appended(org: OrgDriver) -> None:
    user_id = org.create("Ida")
    execute(org, lambda uow: uow.load_for_update(user_id).delete(uow.context, retention_days=0))
    assert org.show(user_id).status is Status.DELETED


def test_changing_a_user_that_was_only_read_is_an_error(org: OrgDriver) -> None:
    user_id = org.create("Ida")

    def change_what_was_read(uow: UnitOfWork) -> None:
        (user,) = uow.read([user_id])
        user.delete(uow.context, retention_days=0)

    with pytest.raises(ChangedWithoutUpdate, match=str(user_id)):
        execute(org, change_what_was_read)
    assert org.show(user_id).status is not Status.DELETED


def test_changes_of_the_organisation_loaded_for_update_are_appended(org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    execute(org, lambda uow: end_sessions(uow, uow.load_organisation_for_update(), user_id))
    organisation = org.service.log.organisation(org.id)
    assert organisation
    assert user_id in organisation.sessions_ended


def test_changing_the_organisation_that_was_only_read_is_an_error(org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    with pytest.raises(ChangedWithoutUpdate, match="Organisation"):
        execute(org, lambda uow: end_sessions(uow, uow.organisation, user_id))

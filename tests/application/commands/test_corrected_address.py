"""After a correction of an e-mail address, the link goes to the new address and works nowhere else."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.domain.user.links import LinkVoided
from brugerbog.domain.values.means import Means
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.org_driver import OrgDriver, write_file

WRONG, RIGHT = "ida@forkert.test", "ida@rigtig.test"
Correction = Callable[[OrgDriver, UUID, Path], object]


def by_edit(org: OrgDriver, user_id: UUID, _folder: Path) -> None:
    org.edit(user_id, email=RIGHT)


def by_file(org: OrgDriver, user_id: UUID, folder: Path) -> None:
    write_file(folder / "u.csv", [{"Aktion": "U", "UUID": str(user_id), "E-mail": RIGHT}])
    org.administration.import_users(org.actor, folder / "u.csv")


def by_whole_file(org: OrgDriver, user_id: UUID, folder: Path) -> None:
    write_file(folder / "u.csv", [{"Aktion": "U", "UUID": str(user_id), "E-mail": RIGHT}])
    org.administration.import_users(org.actor, folder / "u.csv", all_or_nothing=True)


def by_directory(org: OrgDriver, user_id: UUID, _folder: Path) -> None:
    org.administration.align_user(org.actor, user_id, UserEdits(email=RIGHT), active=True)


@pytest.fixture(params=[by_edit, by_file, by_whole_file, by_directory])
def correct(request: pytest.FixtureRequest) -> Correction:
    correction: Correction = request.param
    return correction


def empty_post(org: OrgDriver) -> CapturedMails:
    """The mail of the organisation once everything of earlier tests is sent."""
    while CapturedMails(org).dispatch():
        pass
    return CapturedMails(org)


def test_a_pending_users_old_link_dies_and_the_new_address_gets_another(
    org: OrgDriver, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(org), org.create(email=WRONG)
    astray = post.token(ida)
    org.service.self_service.confirm_identity(astray, PretendedIdentity())

    correct(org, ida, tmp_path)

    with pytest.raises(LinkVoided):
        org.service.self_service.open_activation(astray)
    with pytest.raises(LinkVoided):
        org.service.self_service.confirm_identity(astray, PretendedIdentity())
    (link,) = post.tokens(ida)
    assert not org.service.self_service.open_activation(link).identity_confirmed
    assert [one.to_address for one in post.mails] == [WRONG, RIGHT]
    assert org.transactions(ida).count("Aktiveringsmail gensendt") == 1


def test_the_link_to_new_means_dies_with_the_old_address(
    org: OrgDriver, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(org), org.create_active(email=WRONG)
    org.administration.assign_means(org.actor, ida, [Means.APP])
    astray = post.token(ida)

    correct(org, ida, tmp_path)

    with pytest.raises(LinkVoided):
        org.service.self_service.open_means(astray)
    (link,) = post.tokens(ida)
    assert org.service.self_service.open_means(link).may_take == (Means.APP,)


def test_a_mail_that_still_waits_when_the_address_is_corrected_goes_nowhere_else(
    org: OrgDriver, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(org), org.create(email=WRONG)
    correct(org, ida, tmp_path)
    assert [one.to_address for one in post.dispatch()] == [RIGHT]


def test_a_correction_that_is_sent_twice_mails_once(
    org: OrgDriver, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(org), org.create(email=WRONG)
    for _ in range(2):
        correct(org, ida, tmp_path)
    assert len(post.tokens(ida)) == 1

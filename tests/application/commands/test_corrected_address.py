"""After a correction of an e-mail address, the link goes to the new address and works nowhere else."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.domain.user.links import LinkVoided
from brugerbog.domain.values.means import Means
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.org_driver import Town, write_file

WRONG, RIGHT = "ida@forkert.test", "ida@rigtig.test"
Correction = Callable[[Town, UUID, Path], object]


def by_edit(town: Town, user_id: UUID, _folder: Path) -> None:
    town.edit(user_id, email=RIGHT)


def by_file(town: Town, user_id: UUID, folder: Path) -> None:
    write_file(folder / "u.csv", [{"Aktion": "U", "UUID": str(user_id), "E-mail": RIGHT}])
    town.administration.import_users(town.actor, folder / "u.csv")


def by_whole_file(town: Town, user_id: UUID, folder: Path) -> None:
    write_file(folder / "u.csv", [{"Aktion": "U", "UUID": str(user_id), "E-mail": RIGHT}])
    town.administration.import_users(town.actor, folder / "u.csv", all_or_nothing=True)


def by_directory(town: Town, user_id: UUID, _folder: Path) -> None:
    town.administration.align_user(town.actor, user_id, UserEdits(email=RIGHT), active=True)


@pytest.fixture(params=[by_edit, by_file, by_whole_file, by_directory])
def correct(request: pytest.FixtureRequest) -> Correction:
    correction: Correction = request.param
    return correction


def empty_post(town: Town) -> CapturedMails:
    """The mail of the town once everything of earlier tests is sent."""
    while CapturedMails(town).dispatch():
        pass
    return CapturedMails(town)


def test_a_pending_users_old_link_dies_and_the_new_address_gets_another(
    town: Town, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(town), town.create(email=WRONG)
    astray = post.token(ida)
    town.service.self_service.confirm_identity(astray, PretendedIdentity())

    correct(town, ida, tmp_path)

    with pytest.raises(LinkVoided):
        town.service.self_service.open_activation(astray)
    with pytest.raises(LinkVoided):
        town.service.self_service.confirm_identity(astray, PretendedIdentity())
    (link,) = post.tokens(ida)
    assert not town.service.self_service.open_activation(link).identity_confirmed
    assert [one.to_address for one in post.mails] == [WRONG, RIGHT]
    assert town.transactions(ida).count("Aktiveringsmail gensendt") == 1


def test_the_link_to_new_means_dies_with_the_old_address(
    town: Town, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(town), town.create_active(email=WRONG)
    town.administration.assign_means(town.actor, ida, [Means.APP])
    astray = post.token(ida)

    correct(town, ida, tmp_path)

    with pytest.raises(LinkVoided):
        town.service.self_service.open_means(astray)
    (link,) = post.tokens(ida)
    assert town.service.self_service.open_means(link).may_take == (Means.APP,)


def test_a_mail_that_still_waits_when_the_address_is_corrected_goes_nowhere_else(
    town: Town, correct: Correction, tmp_path: Path
) -> None:
    post, ida = empty_post(town), town.create(email=WRONG)
    correct(town, ida, tmp_path)
    assert [one.to_address for one in post.dispatch()] == [RIGHT]


def test_a_correction_that_is_sent_twice_mails_once(town: Town, correct: Correction, tmp_path: Path) -> None:
    post, ida = empty_post(town), town.create(email=WRONG)
    for _ in range(2):
        correct(town, ida, tmp_path)
    assert len(post.tokens(ida)) == 1

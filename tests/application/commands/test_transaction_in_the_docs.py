"""The program in docs/architecture.md on transactions does what it says."""

import re
from pathlib import Path
from textwrap import indent

from brugerbog.application.commands.user_input import NewUser
from brugerbog.domain.kernel.roles import Role
from tests.org_driver import BORN, open_org

PAGE = Path(__file__).parents[3] / "docs" / "architecture.md"


def test_the_program_in_the_docs_creates_an_administrator() -> None:
    (program,) = re.findall(r"```python\n(with service\.transaction.*?)```", PAGE.read_text(), re.DOTALL)
    with open_org() as org:
        new_user = NewUser(first_name="Ida", surname="Prøve", email="ida@by.test", date_of_birth=BORN)
        names = {"service": org.service, "actor": org.actor, "new_user": new_user, "Role": Role}

        exec(f"if True:\n{indent(program, ' ')}", names)  # noqa: S102 - the documentation's own

        ((_, role),) = org.queries.roles(org.actor)
        assert role is Role.USER_ADMINISTRATOR

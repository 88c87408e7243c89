"""The page that shows a temporary activation code, once: it stands in this one answer and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.entrypoints.web.request_context import RequestContext


def code_page(
    context: RequestContext, user: UserView, answer: CommandResult, *, deed: str = "", covered: bool = False
) -> HTMLResponse:
    """CommandResult a command with the code that it made (guide, Opret nye brugere; Dan ny midlertidig kode).

    It is for an `answer` with a code, or one that says that its code is shown already: the same form, sent
    twice. `deed` is what was done, such as `er oprettet`. A `covered` code is seen after pressing "Vis".
    """
    return context.page(
        "code.html",
        user=user,
        code=answer.code,
        code_already_shown=answer.code_already_shown,
        deed=deed,
        covered=covered,
    )

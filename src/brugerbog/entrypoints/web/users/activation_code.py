"""The page that shows a temporary activation code once: no later response contains the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.entrypoints.web.request_context import RequestContext


def code_page(
    context: RequestContext,
    user: UserView,
    answer: CommandResult,
    *,
    done_text: str = "",
    covered: bool = False,
) -> HTMLResponse:
    """Return the page with the code that a command made (guide, Opret nye brugere; Dan ny midlertidig kode).

    `answer` has a code, or states that the code was shown already: the same form was sent twice. `done_text`
    is the command in words, such as `er oprettet`. A `covered` code appears after pressing "Vis".
    """
    return context.page(
        "code.html",
        user=user,
        code=answer.code,
        code_already_shown=answer.code_already_shown,
        done_text=done_text,
        covered=covered,
    )

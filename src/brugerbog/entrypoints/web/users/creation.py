"""Opret bruger: six sections, with the choices that the administrator has (guide, Opret nye brugere)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.commands.user_input import NamedShared, NewUser
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.personal_data import email_can_carry_certificate
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import danish_time, name_of
from brugerbog.entrypoints.web.danish_format import read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, Checkbox, FieldReader, Form, FormErrors, Text, Values
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.activation_code import code_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.queries.user_list import UserView

router = Router()

PATH: Final = "/brugere/opret"
NO_CERTIFICATE: Final = "Bemærk: en e-mailadresse med æ, ø eller å kan ikke stå i et certifikat."


class NewUserForm(Form):
    """The fields of the page's sections, as typed."""

    first_name: Text = ""
    surname: Text = ""
    cpr: Text = ""
    date_of_birth: Text = ""
    email: Text = ""
    phone: Text = ""
    anonymous: Checkbox = False
    means: Values = ()
    shared_cvr: Text = ""
    shared_id: Text = ""
    target_ial: Text = ""
    reference_text: Text = ""
    p_number: Text = ""
    se_number: Text = ""
    ean: Text = ""
    rights: Values = ()
    can_sign: Checkbox = False
    sealing_profiles: Values = ()

    def read(self) -> NewUser:
        """Return the new user as the service takes it. Raises: Refusals, for an unreadable date."""
        reader = FieldReader()
        born = reader.read("date_of_birth", self.date_of_birth, read_day)
        reader.raise_objections()
        shared = NamedShared(owner_cvr=self.shared_cvr, identifier=self.shared_id)
        return NewUser(
            first_name=self.first_name,
            surname=self.surname,
            email=self.email,
            cpr=self.cpr or None,
            date_of_birth=born,
            phone=self.phone,
            anonymous=self.anonymous,
            reference_text=self.reference_text,
            target_ial=Ial(self.target_ial) if self.target_ial in list(Ial) else None,
            ean=self.ean,
            p_number=self.p_number,
            se_number=self.se_number,
            means=means_of(self.means),
            shared_means=shared if self.shared_cvr.strip() or self.shared_id.strip() else None,
            rights=tuple(self.rights),
            can_sign=self.can_sign,
            sealing_profiles=tuple(self.sealing_profiles),
        )


@router.get(PATH)
def form(context: LoggedIn) -> Response:
    """Return an empty form."""
    context.require("create_user")
    return _page(context, NewUserForm(command_id=context.new_id()))


@router.post(PATH)
def create(context: LoggedIn, form: Annotated[NewUserForm, FormBody()]) -> Response:
    """Create the user. A user without a CPR number gets a code, shown in this response only."""
    try:
        answer = context.administration.create_user(context.actor, form.read(), command_id=form.command_id)
    except Refusal as refusal:
        return _page(context, form, FormErrors.from_refusal(refusal).ordered_by(NewUserForm))
    assert answer.subject is not None  # noqa: S101 - a user was created
    user = context.queries.user(context.actor, answer.subject)
    if answer.code is not None or answer.code_already_shown:
        return code_page(context, user, answer, done_text="er oprettet")
    return context.redirect(f"/brugere/{user.id}", flash=_confirmation(user))


def means_of(chosen: Iterable[str]) -> tuple[Means, ...]:
    """Return the means with these codes; unknown codes are left out."""
    return tuple(Means(code) for code in chosen if code in list(Means))


def _confirmation(user: UserView) -> str:
    text = f"{name_of(user)} er oprettet og modtager en aktiveringsmail fra MitID Erhverv."
    if user.link_expires_at is not None:
        text += f" Linket i den gælder til {danish_time(user.link_expires_at)}."
    return text if email_can_carry_certificate(user.email or "") else f"{text} {NO_CERTIFICATE}"


def _page(context: RequestContext, form: NewUserForm, errors: FormErrors = NO_ERRORS) -> Response:
    settings = context.menu.settings
    facts: dict[str, Any] = {
        "form": form,
        "errors": errors,
        "offered": [kind for kind in Means if settings.offers(kind)],
        "levels": [ial for ial in Ial if ial.level <= settings.ial.level],
    }
    return context.page("create.html", status=422 if errors.reasons else 200, **facts)

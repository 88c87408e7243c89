"""The demo's made-up people, whose CPR numbers fail the check digit and were never issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from brugerbog.application.commands.user_input import NewUser
from brugerbog.domain.kernel.roles import DANISH_ROLES, Role
from brugerbog.domain.values.means import Means

TOWN: Final = "Fjordkøbing Kommune"
TOWN_CVR: Final = "90000001"
BAKERY: Final = "Havnens Bageri ApS"
BAKERY_CVR: Final = "90000002"
BAKERY_SETTINGS: Final = {
    "allow_private_means": True,
    "rights": [{"id": "moms", "name": "Indberette moms", "service_provider": "Skattestyrelsen"}],
}

_P_NUMBERS: Final = ("1003456789", "1003456790")


@dataclass(frozen=True, slots=True, repr=False)
class Played:
    """A person to log in as: data, roles, and suggestions of what to try."""

    new: NewUser
    roles: tuple[Role, ...]
    tries: str

    @property
    def name(self) -> str:
        return f"{self.new.first_name} {self.new.surname}"

    @property
    def roles_in_words(self) -> str:
        """The roles as the login page shows them."""
        names = [DANISH_ROLES[role] for role in self.roles] or ["bruger uden roller"]
        *most, last = names
        return (f"{', '.join(most)} og {last}" if most else last).capitalize()


def _somebody(first_name: str, surname: str, address: str, cpr: str, **facts: object) -> NewUser:
    return NewUser(first_name=first_name, surname=surname, email=address, cpr=cpr, **facts)  # type: ignore[arg-type]


PLAYED_IN_TOWN: Final = (
    Played(
        _somebody("Åse", "Bæk", "aase@fjordkoebing.example", "0302800008", p_number=_P_NUMBERS[0]),
        (Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR),
        "Hun må alt: opret en bruger med rettigheder, svar på en notifikation, og læs hændelsesloggen.",
    ),
    Played(
        _somebody("Mads", "Engelund", "mads@fjordkoebing.example", "1211740008", phone="20304050"),
        (Role.USER_ADMINISTRATOR,),
        "Opret en bruger, send importerede brugere til aktivering, og deaktivér en bruger, der holder orlov.",
    ),
    Played(
        _somebody("Karen", "Hvid", "karen@fjordkoebing.example", "2106690007"),
        (Role.RIGHTS_ADMINISTRATOR,),
        "Giv en bruger rettigheder, og lad en anden underskrive. Selve brugerne kan hun ikke ændre.",
    ),
    Played(
        _somebody("Poul", "Østerby", "poul@fjordkoebing.example", "0709610008", p_number=_P_NUMBERS[1]),
        (Role.ORGANISATION_ADMINISTRATOR,),
        "Ret organisationens indstillinger, giv en rolle, og se i hændelsesloggen, hvem der har gjort hvad.",
    ),
    Played(
        _somebody("Lis", "Frost", "lis@fjordkoebing.example", "1504880007"),
        (Role.TRUSTED_EMPLOYEE,),
        "Se sin egen profil. Hun har en rolle, så hun kan ikke blive anonym.",
    ),
    Played(
        _somebody(
            "Emil",
            "Toft",
            "emil@fjordkoebing.example",
            "3008950008",
            means=(Means.PRIVATE, Means.APP),
            rights=("post", "barsel"),
            p_number=_P_NUMBERS[0],
        ),
        (),
        "Træk samtykket til sit private MitID tilbage, eller bed om at blive anonym.",
    ),
)

PLAYED_IN_BAKERY: Final = (
    Played(
        _somebody("Gerda", "Friis", "gerda@havnens-bageri.example", "2901720008"),
        (Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR),
        "Et lille firma: ”Opret bruger” står efter listen, uden søgning. Kommunens brugere ser hun ikke.",
    ),
)

WORKS_MOST: Final = "Mads Engelund"

WANTS_TO_BE_ANONYMOUS: Final = _somebody(
    "Sofie", "Kruse", "sofie@fjordkoebing.example", "1903910007", rights=("barsel",), means=(Means.APP,)
)
IS_AWAY: Final = _somebody("Jens", "Ploug", "jens@fjordkoebing.example", "0512830008")
WILL_BE_AWAY: Final = _somebody("Mette", "Rask", "mette@fjordkoebing.example", "2607790008")
LINK_EXPIRED: Final = _somebody("Ingrid", "Munk", "ingrid@fjordkoebing.example", "1110660008")
HAS_A_LINK: Final = _somebody(
    "Nanna", "Vad", "nanna@fjordkoebing.example", "0805990008", means=(Means.PRIVATE, Means.CODE_DISPLAY)
)
NEEDS_A_CODE: Final = NewUser(
    first_name="Øjvind",
    surname="Skov",
    email="oejvind@fjordkoebing.example",
    date_of_birth=date(1980, 2, 3),
    means=(Means.APP,),
)
BAKER: Final = _somebody("Viggo", "Lind", "viggo@havnens-bageri.example", "1709850008", rights=("moms",))
APPRENTICE: Final = _somebody(
    "Alma", "Juul", "alma@havnens-bageri.example", "2202014008", means=(Means.PRIVATE,)
)

SENT_OF_THE_FILE: Final = ("Bodil Brøgger", "Freja Lund", "Gudrun Thomsen", "Kirsten Brøgger", "Tøger Holm")
ACTIVE_OF_THE_FILE: Final = ("André Holm", "Cæcilie Vestergaard", "Søren Skov", "Yrsa Nørgaard")

SERVICES: Final = (
    ("Log ind", "Fjordkøbing Selvbetjening", "public"),
    ("Indberetning underskrevet", "Barselsportalen", "public"),
    ("Log ind", "Nordlys Bank", "private"),
    ("Aftale underskrevet", "Nordlys Bank", "private"),
)
"""The activities that made-up services report."""

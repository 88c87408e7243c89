"""The 15 columns of a file, and the column of each field of a user."""

from __future__ import annotations

from typing import Final

ACTION, UUID, FIRST_NAME, SURNAME, CPR, BIRTH_DATE, EMAIL, PHONE = range(8)
ANONYMOUS, REFERENCE_TEXT, TARGET_IAL, EAN, P_NUMBER, SE_NUMBER, LOGIN_MEANS = range(8, 15)

COLUMNS: Final = (
    "Aktion",
    "UUID",
    "Fornavn",
    "Efternavn",
    "CPR",
    "Foedselsdato",
    "E-mail",
    "Telefon",
    "Anonym",
    "Referencetekst",
    "TargetIAL",
    "EAN",
    "P-nummer",
    "SE-nummer",
    "Loginmiddel",
)
"""In the order of the official template (guide, De 15 kolonner)."""

COLUMN_OF_FIELD: Final = {
    "user_id": UUID,
    "first_name": FIRST_NAME,
    "surname": SURNAME,
    "cpr": CPR,
    "date_of_birth": BIRTH_DATE,
    "email": EMAIL,
    "phone": PHONE,
    "anonymous": ANONYMOUS,
    "reference_text": REFERENCE_TEXT,
    "target_ial": TARGET_IAL,
    "ean": EAN,
    "p_number": P_NUMBER,
    "se_number": SE_NUMBER,
    "means": LOGIN_MEANS,
}

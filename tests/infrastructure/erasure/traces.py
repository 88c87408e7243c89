"""Somebody whose data is easily found, and every form in which it might lie somewhere."""

import base64
from pathlib import Path
from uuid import UUID

from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.service import Service
from tests.stores import BORN, create, somebody

FACTS = {
    "first_name": "Krabbeløs",
    "surname": "Ærøskøbingsen",
    "email": "krabbeloes.aeroe@example.org",
    "phone": "40414243",
    "reference_text": "Referencebænken 17",
    "user_name": "krabbe@aeroekatalog.example",
    "external_id": "katalognummer-80414243",
}
LATER = {"first_name": "Omdøbtine", "surname": "Nynavnsen", "email": "omdoebt.ny@example.org"}


def person() -> NewUser:
    return somebody(0, **FACTS)


def traces() -> dict[str, bytes]:
    """Every personal value in the forms in which it might lie somewhere."""
    values = [*FACTS.values(), *LATER.values(), str(person().cpr), BORN.isoformat()]
    found = {}
    for value in values:
        utf8 = value.encode()
        found |= {
            f"{value} as UTF-8": utf8,
            f"{value} as UTF-16": value.encode("utf-16-le"),
            f"{value} in hexadecimal": utf8.hex().encode(),
            f"{value} in capital hexadecimal": utf8.hex().upper().encode(),
            f"{value} escaped": value.encode("unicode_escape"),
        }
        # The part of the base64 text that doesn't hang on what stands before and after.
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + utf8)
            found[f"{value} in base64, shifted by {shift}"] = text[4 * bool(shift) : len(text) // 4 * 4 - 4]
    return found


def files_of(folder: Path, pattern: str = "store*") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


def found_in(files: dict[str, bytes]) -> list[str]:
    return [f"{what} in {name}" for what, trace in traces().items() for name in files if trace in files[name]]


def live(service: Service, actor: Actor) -> UUID:
    """Somebody created, renamed and reached elsewhere: several boxes, several values."""
    service.administration.change_settings(actor, {"use_reference_text": True})
    user_id = create(service, actor, person())
    service.administration.edit_user(actor, user_id, UserEdits(**LATER))
    return user_id

"""A secret never shows its value."""

import copy
import pickle
from dataclasses import dataclass

import pytest
from pydantic_core import PydanticSerializationError, to_json

from brugerbog.domain.kernel.privacy import Secret

HIDDEN = "swordfish"
every_kind = pytest.mark.parametrize("hidden", [HIDDEN, HIDDEN.encode()], ids=["text", "bytes"])


@dataclass
class Holder:
    password: Secret[str]


@every_kind
def test_a_secret_is_let_out_when_asked_for_by_name(hidden: str) -> None:
    assert Secret(hidden).reveal() == hidden


@every_kind
def test_a_secret_is_not_shown(hidden: str) -> None:
    secret = Secret(hidden)
    shown = f"{secret} {secret!r} {secret:>30} {str(secret)} {[secret]} {secret!s} %s" % secret  # noqa: RUF010
    assert HIDDEN not in shown + repr(Holder(Secret(HIDDEN)))


def test_a_secret_has_no_attributes_to_be_listed() -> None:
    assert not hasattr(Secret(HIDDEN), "__dict__")


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_written_down(write: object) -> None:
    with pytest.raises(TypeError) as refused:
        write(Secret(HIDDEN))  # type: ignore[operator]
    assert HIDDEN not in str(refused.value)


def test_a_secret_does_not_become_json() -> None:
    with pytest.raises(PydanticSerializationError) as refused:
        to_json({"password": Secret(HIDDEN)})
    assert HIDDEN not in str(refused.value)


def test_equal_secrets_are_equal_and_others_are_not() -> None:
    assert Secret(HIDDEN) == Secret(HIDDEN)
    assert Secret(HIDDEN) != Secret("another")
    assert Secret("") != Secret(HIDDEN)
    assert Secret(HIDDEN) != HIDDEN


def test_a_secret_is_no_key_of_a_dict() -> None:
    with pytest.raises(TypeError):
        hash(Secret(HIDDEN))

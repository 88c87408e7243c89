import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from string import Formatter
from types import ModuleType

import pytest

import brugerbog.application
import brugerbog.domain
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals, refuse_if
from brugerbog.domain.settings import PNumberUnknown, SeNumberUnknown
from brugerbog.domain.user.refusals import AlreadyDeleted, NotPending
from brugerbog.domain.values.means import Ial, Means
from tests.given import BORN, CPR, NOON, USER

SAMPLES = {
    "UUID": USER,
    "date": date(2026, 3, 29),
    "datetime": NOON,
    "str": "text",
    "int": 5,
    "Means": Means.CHIP,
    "Ial": Ial.HIGH,
}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def kinds_of(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of(kind)


LOADED = [*modules(brugerbog.domain), *modules(brugerbog.application)]
KINDS = sorted({kind for kind in kinds_of(Refusal) if kind is not Refusals}, key=lambda kind: kind.__name__)
every_refusal = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def sample(kind: type[Refusal]) -> Refusal:
    if not is_dataclass(kind):
        return kind()
    needed = [field for field in fields(kind) if field.default is MISSING]
    return kind(**{field.name: SAMPLES[str(field.type).partition(" | ")[0]] for field in needed})


def test_there_are_refusals_in_both_rooms() -> None:
    rooms = {kind.__module__.split(".")[1] for kind in KINDS}
    assert {"domain", "application"} <= rooms


def test_no_two_refusals_share_a_code() -> None:
    counted = Counter(kind.code for kind in (Refusal, Refusals, *KINDS))
    assert [code for code, times in counted.items() if times > 1] == []


@every_refusal
def test_a_refusal_has_words_of_its_own(kind: type[Refusal]) -> None:
    assert {"code", "danish", "english"} <= vars(kind).keys()
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


@every_refusal
def test_a_refusal_can_be_read_in_both_languages(kind: type[Refusal]) -> None:
    refusal = sample(kind)
    for text in (refusal.message, refusal.detail, str(refusal)):
        assert text.strip()
        assert not {"{", "}"} & set(text)


@every_refusal
def test_a_refusal_s_words_hold_its_own_facts(kind: type[Refusal]) -> None:
    refusal = sample(kind)
    named = {
        name for text in (kind.danish, kind.english) for _, name, _, _ in Formatter().parse(text) if name
    }
    assert [name for name in named if not hasattr(refusal, name)] == []


@every_refusal
def test_no_refusal_holds_a_cpr_number(kind: type[Refusal]) -> None:
    held = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    assert [name for name in held if "cpr" in name] == []


@pytest.mark.parametrize(
    ("kind", "typed"),
    [(PNumberUnknown, CPR), (SeNumberUnknown, f"{BORN:%d%m%Y}")],
    ids=["a CPR number as P-number", "a birth date as SE-number"],
)
def test_a_number_typed_into_the_wrong_field_is_not_repeated(kind: type[Refusal], typed: str) -> None:
    refusal = kind(typed) if is_dataclass(kind) and fields(kind) else kind()
    assert typed not in refusal.message + refusal.detail + repr(refusal) + repr(vars(refusal))


def test_one_objection_is_raised_as_itself() -> None:
    with pytest.raises(NotPending):
        refuse_if([Objection("user", NotPending(USER))])


def test_several_objections_are_raised_together() -> None:
    one, other = NotPending(USER), AlreadyDeleted(USER)
    with pytest.raises(Refusals) as refused:
        refuse_if([Objection("user", one), Objection("user", other)])
    assert refused.value.message == f"{one.message} {other.message}"
    assert str(refused.value) == f"{one.detail} {other.detail}"


def test_no_objection_is_no_refusal() -> None:
    refuse_if([])

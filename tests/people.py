"""Fictitious CPR numbers, for tests and benchmarks."""

from datetime import date

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_FAILING_IN_TEN = 9


def made_up_cpr(birth: date, serial: int) -> str:
    """A CPR number that belongs to nobody: the `serial`-th (from 0) of a birth date to fail modulus 11.

    Numbers that fail it were only ever issued for 1 January, which is refused here. Each serial gives another
    number; every date has at least 3600 of them.

    Raises: ValueError for 1 January, for years outside 1858-2057, and for a serial beyond the last.
    """
    if (birth.month, birth.day) == (1, 1):
        raise ValueError("people born on 1 January may have numbers that fail modulus 11")
    group, place = divmod(serial, _FAILING_IN_TEN)
    seventh, rest = divmod(group, 100)
    head = f"{birth:%d%m%y}{_seventh_digits(birth.year)[seventh]}{rest:02}"
    remainder = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, head, strict=False)) % 11
    passing = -remainder % 11
    return f"{head}{[digit for digit in range(10) if digit != passing][place]}"


def passes_modulus_11(cpr: str) -> bool:
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, cpr, strict=True)) % 11 == 0


def _seventh_digits(year: int) -> str:
    """The 7th digits that stand for the year (CPR-kontoret, Personnummeret i CPR)."""
    for first, last, digits in (
        (1858, 1899, "5678"),
        (1900, 1936, "0123"),
        (1937, 1999, "012349"),
        (2000, 2036, "456789"),
        (2037, 2057, "5678"),
    ):
        if first <= year <= last:
            return digits
    raise ValueError("no CPR number holds this year")

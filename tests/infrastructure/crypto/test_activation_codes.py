"""What is kept of a temporary code, at the strength that people get."""

from hashlib import scrypt

import pytest

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.activation_codes import ALPHABET, ScryptCodes


def test_a_code_has_58_bits_in_signs_that_nobody_mistakes() -> None:
    groups = ScryptCodes().new_code().reveal().split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert len(ALPHABET) ** 12 > 2**58


@pytest.mark.usefixtures("production_code_hashes")
def test_what_is_kept_is_a_slow_salted_hash() -> None:
    kept = ScryptCodes().seal(Secret("2345-6789-ABCD"))
    salt, digest = kept[:16], kept[16:]
    assert digest == scrypt(b"23456789ABCD", salt=salt, n=2**14, r=8, p=1, dklen=32)


def test_the_same_code_is_kept_differently_each_time_and_known_again() -> None:
    sealer, code = ScryptCodes(), Secret("2345-6789-ABCD")
    first, second = sealer.seal(code), sealer.seal(code)
    assert first != second
    assert sealer.matches(Secret("2345 6789 abcd"), first)
    assert not sealer.matches(Secret("2345-6789-ABCE"), first)
    assert not sealer.matches(code, None)

"""The verifier's own Ed25519, compared to the vectors of RFC 8032 and to the library, including forgeries."""

import sys
from collections.abc import Callable
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from brugerbog.entrypoints import verify

# RFC 8032 §7.1: tests 1, 2, 3 and SHA(abc): secret key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


def pure(public: bytes, message: bytes, signature: bytes) -> bool:
    """The verifier's own signature check, as without `cryptography`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "cryptography.exceptions", None)
        return verify.signature_holds(public, message, signature)


def with_library(public: bytes, message: bytes, signature: bytes) -> bool:
    return verify.signature_holds(public, message, signature)


def by_library_alone(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


EITHER_WAY = pytest.mark.parametrize("check", [pure, with_library])
Check = Callable[[bytes, bytes, bytes], bool]


@EITHER_WAY
@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_the_signatures_of_rfc_8032_hold(
    check: Check, seed: str, public: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    assert key.public_key().public_bytes_raw().hex() == public
    assert check(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
    assert not check(bytes.fromhex(public), bytes.fromhex(message) + b"x", bytes.fromhex(signature))


def test_with_and_without_the_library_the_answer_is_the_same() -> None:
    random = Random(8032)
    for _ in range(40):
        key = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), random.randbytes(random.randrange(80))
        signature = key.sign(message)
        assert pure(public, message, signature)
        assert by_library_alone(public, message, signature)
        at, bit = random.randrange(64), 1 << random.randrange(8)
        forged = signature[:at] + bytes([signature[at] ^ bit]) + signature[at + 1 :]
        other = bytes([public[0] ^ bit]) + public[1:]
        for check in (pure, by_library_alone):
            assert not check(public, message, forged)
            assert not check(other, message, signature)
            assert not check(public, message + b"!", signature)


@EITHER_WAY
def test_a_signature_is_accepted_in_canonical_form_only(check: Check) -> None:
    public, message, signature = (bytes.fromhex(one) for one in VECTORS[1][1:])
    number = int.from_bytes(signature[32:], "little")
    for again in range(1, 15):
        malleated = number + again * verify.ORDER
        if malleated < 1 << 256:
            assert not check(public, message, signature[:32] + malleated.to_bytes(32, "little"))
    for length in (0, 63, 65):
        assert not check(public, message, (signature + b"\0")[:length])


@EITHER_WAY
def test_a_key_that_signs_anything_is_no_key(check: Check) -> None:
    """With a key of small order, R = s·B holds for every message."""
    nothing = bytes([1]) + bytes(31)
    small = [nothing, bytes(32), bytes(31) + b"\x80", (verify.PRIME - 1).to_bytes(32, "little")]
    small += [nothing[:31] + b"\x80", (verify.PRIME + 1).to_bytes(32, "little"), b"\xff" * 32]
    small += [
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ]
    for public in small:
        for message in (b"", b"anything"):
            assert not check(public, message, nothing + bytes(32))
    for length in (0, 31, 33):
        assert not check(bytes(length), b"", nothing + bytes(32))


def test_points_are_decoded_in_canonical_form_only() -> None:
    random = Random(25519)
    base = verify.point_of(verify.BASE)
    assert verify.is_same(verify.times(verify.ORDER, base), verify.NEUTRAL)
    for _ in range(50):
        written = verify.bytes_of(verify.times(random.getrandbits(253), base))
        assert verify.bytes_of(verify.point_of(written)) == written
    for y in range(19):
        assert verify.point_of((verify.PRIME + y).to_bytes(32, "little")) is None
    found = sum(verify.point_of(random.randbytes(32)) is not None for _ in range(200))
    assert 60 < found < 140

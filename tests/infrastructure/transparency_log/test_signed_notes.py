"""Signed notes, against the example that the specification's first implementation publishes."""

from base64 import b64decode, b64encode
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.infrastructure.transparency_log.signed_notes import (
    Ed25519Signer,
    Malformed,
    NoKnownSignature,
    VerifierKey,
    WrongSignature,
    from_base64,
    key_file,
    key_name,
    parse_key_file,
    sign_note,
    verifier_key,
    verify_note,
)

PUBLISHED_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ry"
    "yBwJnAM=\n"
).encode()
PUBLISHED_TEXT = PUBLISHED_NOTE.decode().partition("\n\n")[0] + "\n"

OURS = Ed25519Signer("brugerbog/ours", bytes(range(32)))
NEXT = Ed25519Signer("brugerbog/ours", bytes(range(1, 33)))
OTHER = Ed25519Signer("brugerbog/other", bytes(range(2, 34)))
TEXT = "one\n\ntwo æøå\n"


def keys(*signers: Ed25519Signer) -> list[VerifierKey]:
    return [verifier_key(signer) for signer in signers]


def test_the_published_note_is_opened_and_made_byte_for_byte() -> None:
    key, signer = VerifierKey.parse(PUBLISHED_KEY), Ed25519Signer("PeterNeumann", PUBLISHED_SEED)
    assert verify_note(PUBLISHED_NOTE, [key]).text == PUBLISHED_TEXT
    assert sign_note(PUBLISHED_TEXT, [signer]) == PUBLISHED_NOTE
    assert verifier_key(signer).text() == PUBLISHED_KEY


def test_a_note_shows_which_known_keys_vouch_for_it_and_passes_over_the_others() -> None:
    note = sign_note(TEXT, [OURS, OTHER, NEXT])
    assert verify_note(note, keys(OURS)).verified_keys == (verifier_key(OURS),)
    assert verify_note(note, keys(NEXT, OURS)).verified_keys == tuple(keys(OURS, NEXT))
    assert verify_note(note, keys(OURS)).text == TEXT


def test_a_note_without_a_known_key_is_not_vouched_for() -> None:
    for known in ([], keys(NEXT), keys(OTHER)):
        with pytest.raises(NoKnownSignature):
            verify_note(sign_note(TEXT, [OURS]), known)


def test_a_known_keys_wrong_signature_is_refused_also_beside_a_right_one() -> None:
    ours, next_one = sign_note(TEXT, [OURS]).decode(), sign_note("another\n", [NEXT]).decode()
    note = (ours + next_one.rpartition("\n\n")[2]).encode()
    assert verify_note(note, keys(OURS))
    with pytest.raises(WrongSignature):
        verify_note(note, keys(OURS, NEXT))
    with pytest.raises(WrongSignature):
        verify_note(note.replace(b"two", b"too"), keys(OURS))


def test_as_many_signatures_as_the_specification_asks_for_are_read() -> None:
    signers = [Ed25519Signer("brugerbog/ours", bytes([at]) * 32) for at in range(16)]
    assert len(verify_note(sign_note(TEXT, signers), keys(*signers)).verified_keys) == 16


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda note: note[:-1],
        lambda note: note + b"\n",
        lambda note: note + b"x",
        lambda note: note.replace(b"\n\n\xe2", b"\n\xe2"),
        lambda note: note.replace("\u2014 ".encode(), b"- "),
        lambda note: note.replace("\u2014 ".encode(), "\u2014  ".encode()),
        lambda note: note.replace(b"one", b"o\te"),
        lambda note: note.replace(b"one", b"o\xffe"),
        lambda note: note.replace(b"\n", b"\r\n"),
        lambda note: note[:-2] + b"\n",
        lambda note: note[:-6] + b"!" + note[-5:],
        lambda note: note.replace(b"brugerbog/ours ", b"brugerbog/ou+rs "),
        lambda note: note.replace(b"brugerbog/ours ", "brugerbog/ou\u00a0rs ".encode()),
        lambda note: note + "\u2014 somebody AAAA\n".encode(),
        lambda note: b"x" * (1 << 20) + note,
    ],
    ids=count(1),
)
def test_what_is_not_written_as_a_note_is_malformed(spoil) -> None:  # noqa: ANN001
    with pytest.raises(Malformed):
        verify_note(spoil(sign_note(TEXT, [OURS])), keys(OURS))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises((Malformed, NoKnownSignature)):
        verify_note(content, keys(OURS))
    with pytest.raises(Malformed):
        parse_key_file(content)


@given(st.data())
def test_a_note_changed_in_any_bit_is_refused_by_name(data: st.DataObject) -> None:
    note = sign_note(TEXT, [OURS])
    at, bit = data.draw(st.integers(0, len(note) - 1)), data.draw(st.integers(0, 7))
    with pytest.raises((Malformed, NoKnownSignature, WrongSignature)):
        verify_note(note[:at] + bytes([note[at] ^ 1 << bit]) + note[at + 1 :], keys(OURS))


@pytest.mark.parametrize("text", ["", "no end", "bell\a\n", "tab\t\n"])
def test_what_can_not_be_a_notes_text_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, [OURS])


def test_a_note_without_signers_or_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one signer"):
        sign_note(TEXT, [])
    with pytest.raises(ValueError, match="32 bytes"):
        Ed25519Signer("name", b"short")


def test_keys_are_read_as_they_were_written() -> None:
    known = keys(OURS, NEXT, OTHER)
    assert parse_key_file(key_file(known)) == known
    assert key_name(UUID(int=1)) == "brugerbog/00000000-0000-0000-0000-000000000001"


KEY = verifier_key(OURS).text()


@pytest.mark.parametrize(
    "line",
    [
        "",
        KEY + " ",
        KEY.replace("ours", "theirs"),
        KEY.replace("ours", "o rs"),
        KEY.upper(),
        KEY.partition("+")[2],
        KEY[:-4],
        KEY[: KEY.rindex("+") + 1] + b64encode(b"\x02" + bytes(32)).decode(),
        KEY[: KEY.rindex("+") + 1] + b64encode(b"\x01" + bytes(31)).decode(),
    ],
)
def test_what_is_not_a_key_is_malformed(line: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(line)
    with pytest.raises(Malformed):
        parse_key_file(f"{line}\n".encode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x00b"])
def test_a_key_has_a_name_that_a_note_can_hold(name: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey(name, bytes(32))


@pytest.mark.parametrize("text", ["A", "AA", "AAA", "AB==", "AA=A", "AA==\n", "\u00e6AAA", "A-_A"])
def test_base64_that_could_be_written_otherwise_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        from_base64(text)

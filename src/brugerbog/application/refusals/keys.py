"""Refusals of the keys: those of users, the master key, and the key that signs checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class KeysMissing(StoreUnusable):
    """The keys beside the log are missing."""

    code = "keys_missing"
    danish = "Nøglerne ved siden af loggen mangler. Læg filen med nøgler tilbage."
    english = "The keys beside the log are missing: put them back."


@dataclass(eq=False)
class KeysOutdated(StoreUnusable):
    """Keys of users in the log are missing: the keys are from an older or another copy."""

    code = "keys_outdated"
    danish = (
        "Nøglerne hører ikke til loggen: der mangler nøgler til brugere, som loggen har. De er fra en ældre "
        "eller en anden kopi. Læg de nøgler tilbage, der hører til, eller hele lageret fra én backup. Kopiér "
        "aldrig filer, der er i brug: brugerbog backup. Er nøglerne tabt: brugerbog keys erase-unreadable"
    )
    english = (
        "The keys don't belong to the log: some users in it have none. Put the right ones back, or the whole "
        "store from one backup; 'brugerbog keys erase-unreadable' is for keys that are lost."
    )


@dataclass(eq=False)
class MasterKeyNotNamed(Refusal):
    """On PostgreSQL there is no default place for the master key, so the key or its file must be named."""

    code = "master_key_not_named"
    danish = (
        "Angiv, hvor hovednøglens fil er eller skal laves: BRUGERBOG_MASTER_KEY_FILE. "
        "Eller angiv selve nøglen: BRUGERBOG_MASTER_KEY."
    )
    english = (
        "Say where the master key's file is or is to be made, BRUGERBOG_MASTER_KEY_FILE, "
        "or give the key itself, BRUGERBOG_MASTER_KEY."
    )


@dataclass(eq=False)
class MasterKeyNamedTwice(Refusal):
    """The environment names both a master key and a file of one."""

    code = "master_key_named_twice"
    danish = "Angiv enten BRUGERBOG_MASTER_KEY eller BRUGERBOG_MASTER_KEY_FILE, ikke begge."
    english = "Set either BRUGERBOG_MASTER_KEY or BRUGERBOG_MASTER_KEY_FILE, not both."


@dataclass(eq=False)
class MasterKeyMissing(Refusal):
    """A store with data needs the master key it was made with."""

    code = "master_key_missing"
    danish = "Lageret er ikke tomt, men dets hovednøgle mangler. Læg nøglefilen tilbage: {place}"
    english = "The store isn't empty, but its master key is missing: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyWrong(Refusal):
    """The master key is invalid, or not the key of this store."""

    code = "master_key_wrong"
    danish = "Hovednøglen passer ikke til lageret. Angiv den nøgle, lageret er lukket med: {place}"
    english = "The master key doesn't fit this store: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyIsDefault(Refusal):
    """The master key is not random, so it protects nothing."""

    code = "master_key_is_default"
    danish = (
        "Hovednøglen er ikke tilfældig og beskytter intet: {place}. "
        "Lav en ny, fx med: openssl rand -base64 32"
    )
    english = "The master key was never drawn at random and protects nothing: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyNotPrivate(Refusal):
    """Others than the owner can read the master key's file, and with it all personal data in copies."""

    code = "master_key_not_private"
    danish = "Andre end ejeren har adgang til filen med hovednøglen. Ret det med: chmod 600 {place}"
    english = "Others than its owner have access to the master key's file: chmod 600 {place}"
    place: str


@dataclass(eq=False)
class MasterKeyNotWritable(Refusal):
    """The master key is in a place that only the operator can change."""

    code = "master_key_not_writable"
    danish = (
        "Hovednøglen står i {place} og kan kun skiftes dér. Sæt en ny nøgle forrest (fx fra: openssl rand "
        "-base64 32), så et mellemrum og den gamle; genstart alt, der bruger lageret, og gentag kommandoen."
    )
    english = "The master key is in {place}: put a new one before it, restart everything, and repeat this."
    place: str


@dataclass(eq=False)
class KeysBeingRotated(Refusal):
    """Another process is rotating keys."""

    code = "keys_being_rotated"
    danish = "Nøglerne er ved at blive skiftet et andet sted fra. Vent, til det er gjort, og prøv igen."
    english = "Somebody else is rotating keys just now. Wait until that is done."


@dataclass(eq=False)
class SigningKeyMissing(Refusal):
    """The key that signs checkpoints is missing: make a new key and publish it."""

    code = "signing_key_missing"
    danish = "Nøglen, der underskriver kontrolpunkter, mangler. Lav en ny: brugerbog keys rotate signing"
    english = "The key that signs checkpoints is missing: make a new one with 'keys rotate signing'."

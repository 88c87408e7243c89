"""Every kind of wrong value of every column, and the code that names what is wrong with it."""

from datetime import date
from typing import Final

from tests.application.commands.imports.csv_rows import cpr
from tests.people import made_up_cpr

TOMORROW: Final = date(2026, 3, 21)
"""The day after the frozen clock's day."""

UNKNOWN_ID: Final = "0b2f9d3a-9d1c-4c62-8a55-3c2d0f6f7a01"
OTHER_EAN, OTHER_P_NUMBER, OTHER_SE_NUMBER = "5790000000005", "1003388395", "11223345"

IDS: Final = [
    ("user_id", "123", "user_id_invalid"),
    ("user_id", "0b2f9d3a9d1c4c628a553c2d0f6f7a0g", "user_id_invalid"),
    ("user_id", "0b2f9d3a-9d1c4c62-8a55-3c2d0f6f7a01", "user_id_invalid"),
    ("user_id", "{0b2f9d3a-9d1c-4c62-8a55-3c2d0f6f7a01}", "user_id_invalid"),
    ("user_id", "0b2f9d3a-9d1c-4c62-8a55-3c2d0f6f7a01x", "user_id_invalid"),
    ("user_id", "1,03339E+31", "scientific_notation"),
]
CPRS: Final = [
    ("cpr", "070961-1111", "cpr_hyphen"),
    ("cpr", "070961\u20131111", "cpr_hyphen"),
    ("cpr", "709611111", "cpr_lost_leading_zero"),
    ("cpr", "7,09611E+08", "scientific_notation"),
    ("cpr", "7.09611E+08", "scientific_notation"),
    ("cpr", "0709611111,00", "decimals"),
    ("cpr", "0709611111.00", "decimals"),
    ("cpr", "070961 1111", "blank_inside"),
    ("cpr", "070961\u00a01111", "blank_inside"),
    ("cpr", "07096111", "cpr_invalid"),
    ("cpr", "07096111110", "cpr_invalid"),
    ("cpr", "070961xxxx", "cpr_invalid"),
    ("cpr", "\uff10\uff17\uff10\uff19\uff16\uff11\uff11\uff11\uff11\uff11", "cpr_invalid"),
    ("cpr", "6709611111", "cpr_replacement_number"),
    ("cpr", "9112611111", "cpr_replacement_number"),
    ("cpr", "9212611111", "cpr_date_impossible"),
    ("cpr", "3102611111", "cpr_date_impossible"),
    ("cpr", "0713611111", "cpr_date_impossible"),
    ("cpr", "0000000000", "cpr_date_impossible"),
    ("cpr", made_up_cpr(TOMORROW, 0), "cpr_born_in_the_future"),
]
BIRTH_DATES: Final = [
    ("date_of_birth", "7091961", "birth_date_lost_leading_zero"),
    ("date_of_birth", "070961", "birth_date_invalid"),
    ("date_of_birth", "07-09-1961", "birth_date_invalid"),
    ("date_of_birth", "07/09/1961", "birth_date_invalid"),
    ("date_of_birth", "1961-09-07", "birth_date_invalid"),
    ("date_of_birth", "7. september 1961", "birth_date_invalid"),
    ("date_of_birth", "31021961", "birth_date_impossible"),
    ("date_of_birth", "29021961", "birth_date_impossible"),
    ("date_of_birth", "00091961", "birth_date_impossible"),
    ("date_of_birth", "07091857", "birth_date_impossible"),
    ("date_of_birth", "07090000", "birth_date_impossible"),
    ("date_of_birth", "7,09196E+06", "scientific_notation"),
    ("date_of_birth", "7091961,00", "decimals"),
    ("date_of_birth", "07 09 1961", "blank_inside"),
    ("date_of_birth", f"{TOMORROW:%d%m%Y}", "birth_date_in_the_future"),
]
NAMES: Final = [
    (field, text, code)
    for field in ("first_name", "surname")
    for text, code in (
        ("A" * 101, "name_too_long"),
        ("An\tne", "control_character"),
        ("An\x07ne", "control_character"),
        ("An\u202ene", "control_character"),
        ("An\u2028ne", "control_character"),
        ("An\ue000ne", "unreadable_character"),
        ("An\ufffdne", "unreadable_character"),
        ("An" + "\u0301" * 9, "marks_misplaced"),
        ("\u200b\u00ad", "name_missing"),
        ("\u2800\u3164", "name_missing"),
        ("42", "name_without_letter"),
    )
]
EMAILS: Final = [
    ("email", "anne", "email_invalid"),
    ("email", "anne@", "email_invalid"),
    ("email", "anne@firma", "email_invalid"),
    ("email", "anne hansen@firma.test", "email_invalid"),
    ("email", "anne@firma.test, bo@firma.test", "email_invalid"),
    ("email", "Anne <anne@firma.test>", "email_invalid"),
    ("email", "anne@firma..test", "email_invalid"),
    ("email", f"{'a' * 250}@firma.test", "email_too_long"),
]
PHONES: Final = [
    ("phone", "1234567", "phone_invalid"),
    ("phone", "123456789", "phone_invalid"),
    ("phone", "+4512345678", "phone_invalid"),
    ("phone", "12-34-56-78", "phone_invalid"),
    ("phone", "nul", "phone_invalid"),
    ("phone", "12 34 56 78", "blank_inside"),
    ("phone", "1,23457E+07", "scientific_notation"),
    ("phone", "12345678,00", "decimals"),
]
ANONYMOUS: Final = [("anonymous", text, "anonymous_invalid") for text in ("j", "n", "Ja", "X", "0", "1")]
REFERENCE_TEXTS: Final = [
    ("reference_text", "A" * 201, "reference_text_too_long"),
    ("reference_text", "Afd\x07 1", "control_character"),
    ("reference_text", "\u200b", "reference_text_missing"),
    ("reference_text", "Afd \u0378", "unreadable_character"),
]
TARGET_IALS: Final = [
    ("target_ial", text, "target_ial_invalid")
    for text in ("2", "5", "33", "3,0", "3,00", "høj", "High", "-3")
]
EANS: Final = [
    ("ean", "579800981157", "ean_invalid"),
    ("ean", "57980098115788", "ean_invalid"),
    ("ean", "5798009811579", "ean_check_digit_wrong"),
    ("ean", OTHER_EAN, "ean_unknown"),
    ("ean", "2,56522E+12", "scientific_notation"),
    ("ean", "2.56522E+12", "scientific_notation"),
    ("ean", "2,56522e+12", "scientific_notation"),
    ("ean", "5798009811578,00", "decimals"),
    ("ean", "5798009811578.00", "decimals"),
    ("ean", "5798 0098 1157 8", "blank_inside"),
]
P_NUMBERS: Final = [
    ("p_number", "100338839", "p_number_invalid"),
    ("p_number", "10033883944", "p_number_invalid"),
    ("p_number", OTHER_P_NUMBER, "p_number_unknown"),
    ("p_number", "1,00339E+09", "scientific_notation"),
    ("p_number", "1003388394,00", "decimals"),
    ("p_number", "1003 388 394", "blank_inside"),
]
SE_NUMBERS: Final = [
    ("se_number", "1122334", "se_number_invalid"),
    ("se_number", "DK11223344", "se_number_invalid"),
    ("se_number", OTHER_SE_NUMBER, "se_number_unknown"),
    ("se_number", "1,12233E+07", "scientific_notation"),
    ("se_number", "11223344,0", "decimals"),
    ("se_number", "11 22 33 44", "blank_inside"),
]
LOGIN_MEANS: Final = [
    ("means", text, "login_means_invalid")
    for text in ("privatid", "PRIVATID", "Privat", "private", "PrivatID x", "0709611111")
]

OPTIONAL: Final = (
    PHONES + REFERENCE_TEXTS + EANS + P_NUMBERS + SE_NUMBERS + LOGIN_MEANS
)  # read alike by C and U, ignored by D

ON_C: Final = [
    *[("user_id", text, "must_be_empty") for text in (UNKNOWN_ID, "123", "0709611111")],
    *[
        (field, text, "must_be_filled")
        for field in ("first_name", "surname", "email", "target_ial")
        for text in ("", " \u00a0")
    ],
    *NAMES,
    *CPRS,
    ("cpr", "", "cpr_or_birth_date_missing"),
    ("cpr", made_up_cpr(date(2013, 3, 21), 0), "too_young"),
    *BIRTH_DATES,
    ("date_of_birth", "08091961", "cpr_and_birth_date_disagree"),
    *EMAILS,
    *ANONYMOUS,
    *TARGET_IALS,
    *OPTIONAL,
]
ON_U: Final = [
    ("user_id", "", "key_missing"),
    *IDS,
    ("user_id", UNKNOWN_ID, "user_unknown"),
    *CPRS,
    ("cpr", cpr(1), "known_by_another_cpr"),
    *NAMES,
    *BIRTH_DATES,
    ("date_of_birth", "08091961", "does_not_match"),
    *EMAILS,
    *[("anonymous", text, "must_be_empty") for text in ("J", "N", "x")],
    *TARGET_IALS,
    *OPTIONAL,
]
ON_D: Final = [
    ("user_id", "", "key_missing"),
    *IDS,
    ("user_id", UNKNOWN_ID, "user_unknown"),
    *CPRS,
    ("cpr", cpr(1), "does_not_match"),
    *NAMES,
    ("first_name", "Birthe", "does_not_match"),
    ("surname", "Jensen", "does_not_match"),
    *BIRTH_DATES,
    ("date_of_birth", "08091961", "does_not_match"),
]
IGNORED_BY_D: Final = [
    *EMAILS,
    *ANONYMOUS,
    *TARGET_IALS,
    *OPTIONAL,
    ("anonymous", "J", ""),
    ("email", "another@firma.test", ""),
    ("phone", "87654321", ""),
]
IN_A_STRICT_ORGANISATION: Final = [
    ("target_ial", "4", "target_ial_above_organisation"),
    ("reference_text", "Afd. 1", "reference_text_not_in_use"),
    ("ean", "5798009811578", "ean_unknown"),
    ("p_number", "1003388394", "p_numbers_not_in_use"),
    ("se_number", "11223344", "se_numbers_not_in_use"),
    ("means", "PrivatID", "means_not_offered"),
]

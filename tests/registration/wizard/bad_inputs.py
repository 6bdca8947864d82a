"""What people, scripts and attackers write into the fields of the registration: refused, or understood after all."""

from collections.abc import Iterable
from typing import Any

from tests.registration.wizard.walking import Citizen

ME = Citizen(431)
LONG = 25_000  # bytes; with everything else still within the limit of the body

# What no field for a number or a name takes. The browser's escapes of them are made by the test client.
STRANGE = [
    "<script>alert(1)</script>",
    "\" onfocus='x",
    "a\0b",
    "\0",
    "\x07\x1b[2J",
    "😀",
    "\ufffd",
    "x" * LONG,
    "%00",
    "{{7}}",
]
NUMBERS = [*STRANGE, "abc", "یک", "1.5", "½", "²", "1e3", "0x1", "١٢a", "9" * LONG, "+", "\u202e"]
CODE = ME.national_code
WRONG_CHECK_DIGIT = CODE[:9] + str((int(CODE[9]) + 1) % 10)
PERSIAN, ARABIC = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"), str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def disguised(number: str) -> list[str]:
    """The same number as keyboards, copies and chats write it."""
    spaced = f" {number[:3]} {number[3:]}\u00a0"
    marked = f"\u202a{number[:2]}\u200f-{number[2:]}\u202c\ufeff"
    return [number.translate(PERSIAN), number.translate(ARABIC), spaced, marked, marked.translate(PERSIAN)]


BAD: dict[str, Iterable[Any]] = {
    "contact-national_code": [
        *("", "   ", "12", CODE[:9], CODE + "0", "0" * 10, "2" * 10, "1230000000", WRONG_CHECK_DIGIT, *NUMBERS)
    ],
    "contact-mobile": [
        "",
        "0912",
        "08123456789",
        "091234567890",
        "0912345678O",
        "+14155552671",
        "021-88000000",
        *NUMBERS,
    ],
    "contact-operator": ["", "MCI", "همراه اول", "vodafone", "mci\0", "m" * LONG],
    "activation-code": ["", "-", "12345", "1234567", "12345a", "۱۲۳۴۵", *NUMBERS],
    "identity-last_name": [
        "",
        "  ",
        "\u200c",
        "Bahrami",
        "بهرامی1",
        "بهرامی۱",
        "بهرامی.",
        "م" * 51,
        "م" * 4500,
        *STRANGE,
    ],
    "identity-first_name": ["", "Narges", "نرگس!", "نرگس\0", "ن" * 51, *STRANGE],
    "identity-certificate_number": ["", "0", "۰", "000", "12345678901", *NUMBERS],
    "identity-certificate_serial": ["", "1234567", *NUMBERS[-6:]],
    "identity-certificate_series_letter": ["", "A", "ي", "ك", "بب", "ء", "1", "ب\0", "ب" * 5000],
    "identity-certificate_series_number": ["", "1234", *NUMBERS[-6:]],
    "identity-gender": ["", "other", "FEMALE", "زن", "female\0"],
    "identity-country": ["", "XX", "ir", "ایران", "IR\0", "I" * LONG],
    "identity-province": ["ناکجا", "Tehran", "تهران\0", "ت" * 5000],
    "identity-city": ["", "ناکجا", "Tehran", "تهران\0", "ت" * 5000, "<b>"],
    "identity-email": [
        *(
            "",
            "x",
            "a@b",
            "a@b..c",
            "نرگس@",
            "a b@c.de",
            "a@example.com\0",
            "a@example.com\nBcc: b@c.de",
            "@example.com",
            "a@exam\u202eple.com",
            '"a\x01"@example.com',
        ),
        *("a@" + "b" * 60 + "." + "c" * 250 + ".com", "a" * 400 + "@example.com", *STRANGE),
    ],
    "identity-password1": [
        *("", "Ab1", "zangule21", "ZANGULE21", "Zangulehh", "1Zangule", "!Zangule1", "Zangule 21", "Zangule21é"),
        *(
            "زنگوله۲۱",
            "Zangule۲۱",
            "Zangule21@",
            f"Ab{CODE}",
            "Narges123",
            "Bahrami12",
            "Password1",
            "Aa1" * 50,
            *STRANGE,
        ),
    ],
    "identity-password2": ["", "Zangule22", "zangule21", "Zangule21 ", "x" * LONG, "a\0b"],
    "identity-question_1": [
        *(
            "",
            "0",
            "-1",
            "abc",
            "999999999999999999999",
            "9" * 5000,
            "1.0",
            "1; DROP TABLE",
            "\0",
            "۹۹۹۹۹",
            "None",
            "[]",
        )
    ],
    "identity-answer_1": [
        *("", "  ", "ab", "....", "\u200c\u200c\u200c", "aaaa", "۱۲۳۴", "تهران", "نرگس", "بهرامي", "نرگس بهرامی", CODE),
        *(
            ME.contact["mobile"],
            "4127",
            "1362/11/3",
            "narges@example.com",
            "زنگ\0وله",
            "\ufffdنیکو",
            "م" * 101,
            "م" * 4500,
        ),
    ],
}
GOOD: dict[str, list[str]] = {
    "contact-national_code": disguised(CODE),
    "contact-mobile": [
        spelling
        for mobile in ("09970000431", "9970000431", "989970000431", "+989970000431", "00989970000431")
        for spelling in [mobile, *disguised(mobile)]
    ],
    "identity-last_name": [
        "بهرامي",
        "كلباسى",
        "\u202bبهرامی\u202c",
        "بَهرامی",
        "  علوی   نیا ",
        "علوی\u200cنیا",
        "رئوف",
    ],
    "identity-first_name": ["نَرگِس", "آتوسا", "م"],
    "identity-certificate_number": ["4127", *disguised("0041270000")],
    "identity-certificate_serial": disguised("073516"),
    "identity-certificate_series_number": ["7", *disguised("127")],
    "identity-certificate_series_letter": ["الف", "ی", "ک"],
    "identity-email": ["A.B+c@Example.COM", " narges@example.com "],
    "identity-answer_1": ["آقاي نيكوكار", "Mr. Niku!", "خانم\u200cنیکو", "<script>alert(1)</script>"],
}

DATES = [
    *[("", "", ""), ("3", "", ""), ("", "11", ""), ("", "", "1362"), ("3", "", "1362"), (" ", "-", "\u200f")],
    *[("30", "12", "1363"), ("31", "7", "1370"), ("32", "1", "1370"), ("0", "1", "1370"), ("1", "13", "1370")],
    *[
        ("1", "0", "1370"),
        ("1", "1", "70"),
        ("1", "1", "1990"),
        ("1", "1", "1279"),
        ("1", "1", "1499"),
        ("1", "1", "9999"),
    ],
    *[("x", "y", "z"), ("1\0", "1", "1370"), ("1", "بهمنن", "1370"), ("-1", "1", "13700"), ("1.5", "1", "1370")],
    *[("9" * 8000, "9" * 8000, "9" * 8000), ("½", "²", "①③⑥②"), ("<b>", "<i>", "\"'>"), ("1", "1", "0000")],
]

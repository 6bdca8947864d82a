"""Made-up people by number, and what they type. Serial parts 999… and mobiles 0997… are nobody's."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import SecurityQuestion
from tests.people import STATED, national_code, typed
from tests.stand_ins.jibit import Jibit

PASSWORD, WRONG_PASSWORD = "Zangule21", "Zangule22"
FIRST_NAME, LAST_NAME, BORN = "نرگس", "بهرامی", "13621103"
BIRTH_DATE = dt.date(1984, 1, 23)  # BORN


@dataclass(frozen=True)
class Citizen:
    """`number`: 0 to 998,999. The proxy in front of the portal would report `address`, each person's own."""

    number: int

    @property
    def national_code(self) -> str:
        return national_code(self.number % 1000, self.number // 1000)

    @property
    def mobile(self) -> str:
        return f"0997{self.number:07}"

    @property
    def address(self) -> str:
        """Of 198.18.0.0/15, which is set aside for benchmarks (RFC 2544)."""
        return f"198.{18 + self.number // 65536 % 2}.{self.number // 256 % 256}.{self.number % 256}"

    @property
    def contact(self) -> dict[str, str]:
        return {"national_code": self.national_code, "operator": "mci", "mobile": self.mobile}

    def identity(self, question: str) -> dict[str, str]:
        return {
            **typed(STATED | {"first_name": FIRST_NAME, "last_name": LAST_NAME, "birth_date": BIRTH_DATE}),
            "country": "IR",
            "city": "تهران",
            "foreign_city": "",
            "email": "narges@example.com",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "question_1": question,
            "answer_1": "آقای نیکوکار",
        }


def posted(step: str, answers: Mapping[str, str]) -> dict[str, str]:
    """A whole form of the registration, as the page of `step` sends it."""
    return {"registration-current_step": step, **{f"{step}-{name}": value for name, value in answers.items()}}


def a_question() -> str:
    return str(SecurityQuestion.objects.filter(is_offered=True).values_list("pk", flat=True)[0])


def introduce(jibit: Jibit, *citizens: Citizen) -> None:
    """Let the identity service know these people as they describe themselves."""
    for citizen in citizens:
        jibit.owners[citizen.mobile] = citizen.national_code
        jibit.people[citizen.national_code, BORN] = {
            "firstName": FIRST_NAME,
            "lastName": LAST_NAME,
            "gender": "FEMALE",
            "identificationNumber": 4127,
            "identificationSerialCode": "ب/27",
            "identificationSerialNumber": 73516,
            "alive": True,
            "deathDate": None,
        }

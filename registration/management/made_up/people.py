"""Made-up people by number: the same number is always the same person.

Their national codes have the serial part 999xxx, which no office has reached, and their mobiles begin with 0997, where
no operator has numbers.
"""

from typing import NamedTuple

from iran.names import fold
from registration.lifecycle import tracking_code
from registration.pages.places import CITY_GROUPS

SERIAL = r"^[0-9]{3}999"  # of every made-up national code
CITIZENS = 990_000  # numbers below are citizens', those from it are of the staff
STAFF = range(CITIZENS, 999_000)  # office 999 is left out: its codes would be all nines
BUSIEST, SHARE = "تهران", 5  # a province that has as many people as so many others
ABROAD = 97  # of so many people one lives abroad

WOMEN = ("زهرا", "فاطمه", "مریم", "سارا", "نرگس", "لیلا", "معصومه", "پروین", "مینا", "سمیه", "الهام")
MEN = ("محمد", "علی", "حسین", "رضا", "مهدی", "حسن", "امیر", "ابوالفضل", "سعید", "مجید", "یوسف", "کامران")
LAST_NAMES = (
    *("احمدی", "حسینی", "کریمی", "محمدی", "رضایی", "موسوی", "جعفری", "قاسمی", "بهرامی", "صادقی", "رحیمی", "اکبری"),
    *("ابراهیمی", "باقری", "پورمحمد", "تقوی", "جوادی", "حیدری", "خسروی", "داودی", "رستمی", "زارعی", "سلیمانی"),
    *("شریفی", "صالحی", "طاهری", "عباسی", "غلامی", "فتحی", "قنبری", "کاظمی", "گودرزی", "لطفی", "مرادی", "نوری"),
    *("هاشمی", "یزدانی", "امیری", "بیات", "ترابی", "جلالی", "چراغی", "دهقان", "رنجبر", "سعیدی", "عظیمی", "نجفی"),
)
_KEYS = {name: fold(name) for name in (*WOMEN, *MEN, *LAST_NAMES)}
_PROVINCES = [
    (province, [city for city, _label in cities])
    for province, cities in CITY_GROUPS
    for _ in range(SHARE if province == BUSIEST else 1)
]


class Person(NamedTuple):
    national_code: str
    mobile: str
    first_name: str
    last_name: str
    gender: str
    country: str
    city: str
    province: str

    @property
    def first_name_key(self) -> str:
        return _KEYS[self.first_name]

    @property
    def last_name_key(self) -> str:
        return _KEYS[self.last_name]


def national_code(number: int) -> str:
    """`OOO999NNN` and its check digit; `number`: 0 to 998,999, a thousand for each office."""
    nine = f"{number // 1000:03}999{number % 1000:03}"
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return nine + str(remainder if remainder < 2 else 11 - remainder)


def person(number: int) -> Person:
    """`number`: of a citizen or of one of the staff. Who has the next number lives somewhere else."""
    names, gender = (WOMEN, "female") if number % 2 else (MEN, "male")
    first_name, last_name = names[number // 2 % len(names)], LAST_NAMES[number % len(LAST_NAMES)]
    country, city, province = "IR", "", ""
    if number % ABROAD:
        province, cities = _PROVINCES[number % len(_PROVINCES)]
        city = cities[number // len(_PROVINCES) % len(cities)]
    else:
        country, city = "DE", "Hamburg"
    mobile = f"+98997{number:07}"
    return Person(national_code(number), mobile, first_name, last_name, gender, country, city, province)


def tracking(number: int) -> str:
    """A well-formed tracking code for each number below 10¹¹; neighbours have distant ones."""
    return tracking_code.of(number * 982_451_653 % 10**11)  # a prime that is not 2 or 5: no two are the same

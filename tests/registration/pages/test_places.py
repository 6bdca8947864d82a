"""Plausibility of the lists of places: what a citizen looks for is there, once, and in its place."""

import re
from collections import Counter

import pytest

from iran.letters import alphabet_key
from registration.pages.places import CITIES, CITY_GROUPS, COUNTRIES, COUNTRY_NAMES, province_of

CAPITALS = {
    "آذربایجان شرقی": "تبریز",
    "آذربایجان غربی": "ارومیه",
    "اردبیل": "اردبیل",
    "اصفهان": "اصفهان",
    "البرز": "کرج",
    "ایلام": "ایلام",
    "بوشهر": "بوشهر",
    "تهران": "تهران",
    "چهارمحال و بختیاری": "شهرکرد",
    "خراسان جنوبی": "بیرجند",
    "خراسان رضوی": "مشهد",
    "خراسان شمالی": "بجنورد",
    "خوزستان": "اهواز",
    "زنجان": "زنجان",
    "سمنان": "سمنان",
    "سیستان و بلوچستان": "زاهدان",
    "فارس": "شیراز",
    "قزوین": "قزوین",
    "قم": "قم",
    "کردستان": "سنندج",
    "کرمان": "کرمان",
    "کرمانشاه": "کرمانشاه",
    "کهگیلویه و بویراحمد": "یاسوج",
    "گلستان": "گرگان",
    "گیلان": "رشت",
    "لرستان": "خرم‌آباد (لرستان)",
    "مازندران": "ساری",
    "مرکزی": "اراک",
    "هرمزگان": "بندرعباس",
    "همدان": "همدان",
    "یزد": "یزد",
}

# fmt: off
WELL_KNOWN = [
    "آبادان", "آباده", "آستارا", "آمل", "ابهر", "اردکان", "اسلامشهر", "اندیمشک", "ایرانشهر", "بابل", "بابلسر",
    "بانه", "بروجرد", "بم", "بناب", "بوکان", "بهبهان", "بهشهر", "پاکدشت", "پردیس", "جهرم", "جیرفت", "چابهار",
    "چالوس", "خرمشهر", "خمین", "خوی", "دزفول", "دماوند", "رامسر", "رفسنجان", "ری", "زابل", "ساوه", "سبزوار", "سقز",
    "سیرجان", "شاهرود", "شاهین‌شهر", "شوش", "شوشتر", "شهرضا", "شهریار", "صومعه‌سرا", "طبس", "فسا", "فومن",
    "قائم‌شهر", "قدس", "قرچک", "قشم", "قوچان", "کازرون", "کاشان", "کاشمر", "کیش", "گلپایگان", "گناباد", "لار",
    "لاهیجان", "لنگرود", "ماسوله", "ماکو", "مراغه", "مرند", "مریوان", "مسجدسلیمان", "ملارد", "ملایر", "میاندوآب",
    "میبد", "میناب", "نجف‌آباد", "نهاوند", "نیشابور", "ورامین", "بندر انزلی", "بندر ماهشهر", "تربت جام",
    "تربت حیدریه", "گنبد کاووس", "قصر شیرین", "آران و بیدگل",
]
# fmt: on

LETTERS = "ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیأؤئ"
PLACE_NAME = re.compile(rf"[{LETTERS}]+(?:[ \u200c][{LETTERS}]+)*")


def folded(text: str) -> str:
    """As a citizen who neither minds spaces nor hamze nor the hat of آ sees it."""
    return re.sub("[ \u200cء]", "", text).translate(str.maketrans("آأإؤئيك", "اااوییک"))


def plain(value: str) -> str:
    """The city's name in a value, without the province that tells it from its namesakes."""
    return value.removesuffix(f" ({province_of(value)})")


def test_every_province_has_its_capital() -> None:
    assert len(CITY_GROUPS) == 31
    assert [province_of(city) for city in CAPITALS.values()] == list(CAPITALS)
    assert {province for province, _ in CITY_GROUPS} == CAPITALS.keys()


def test_there_are_as_many_cities_as_iran_has() -> None:
    assert 1_100 < len(CITIES) < 1_500


def test_well_known_cities_are_there() -> None:
    assert set(WELL_KNOWN) - {plain(value) for value in CITIES} == set()


def test_the_choices_are_exactly_the_accepted_values() -> None:
    offered = [value for _, choices in CITY_GROUPS for value, _ in choices]
    assert len(offered) == len(CITIES)
    assert set(offered) == CITIES
    assert all(value == label for _, choices in CITY_GROUPS for value, label in choices)
    assert all(province_of(value) == province for province, choices in CITY_GROUPS for value, _ in choices)


def test_a_namesake_carries_its_province_and_no_other_city_does() -> None:
    assert {"نصرآباد (اصفهان)", "نصرآباد (خراسان رضوی)"} <= CITIES
    bearers = Counter(folded(plain(value)) for value in CITIES)
    namesakes = {value for value in CITIES if bearers[folded(plain(value))] > 1}
    assert {value for value in CITIES if "(" in value} == namesakes


def test_nobody_can_tell_two_equal_choices() -> None:
    assert [name for name, count in Counter(map(folded, CITIES)).items() if count > 1] == []


def test_names_are_written_in_persian_letters_only() -> None:
    names = [plain(value) for value in CITIES] + [province for province, _ in CITY_GROUPS]
    assert [name for name in names if not PLACE_NAME.fullmatch(name)] == []


def test_zones_of_a_metropolis_are_no_cities() -> None:
    assert {value for value in CITIES if plain(value).startswith(("تبریز", "تهران", "منطقه"))} == {"تبریز", "تهران"}
    assert "مشهد ثامن" not in CITIES


def test_an_unknown_city_has_no_province() -> None:
    with pytest.raises(KeyError):
        province_of("نصرآباد")


def test_the_order_is_that_of_the_persian_alphabet() -> None:
    words = ["آمل", "ابهر", "بم", "پاوه", "تهران", "چالوس", "ری", "ژاپن", "سقز", "قم", "کرج", "گرگان", "لار", "یزد"]
    assert sorted(words) != words
    assert sorted(words, key=alphabet_key) == words
    assert alphabet_key("قائم‌شهر")[0] == alphabet_key("قایم شهر")[0]
    provinces = [province for province, _ in CITY_GROUPS]
    assert provinces == list(CAPITALS)
    tehran = [value for value, _ in dict(CITY_GROUPS)["تهران"]]
    assert tehran.index("ارجمند") < tehran.index("پاکدشت") < tehran.index("چهاردانگه") < tehran.index("ری")
    assert tehran.index("قرچک") < tehran.index("کهریزک") < tehran.index("لواسان") < tehran.index("ورامین")


def test_countries_are_those_of_iso_3166() -> None:
    assert len(COUNTRIES) == len(COUNTRY_NAMES) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRY_NAMES)
    assert not COUNTRY_NAMES.keys() & {"EU", "UN", "XK", "ZZ", "UK"}
    assert COUNTRY_NAMES["DE"] == "آلمان"
    assert COUNTRY_NAMES["GB"].startswith("بریتانیا")


def test_iran_is_the_first_country_and_the_rest_follows_the_alphabet() -> None:
    assert COUNTRIES[0] == ("IR", "ایران")
    names = [name for _, name in COUNTRIES[1:]]
    assert names == sorted(names, key=alphabet_key)
    assert names[0][0] == "آ"
    assert names.index("بلژیک") < names.index("پاکستان") < names.index("ترکیه")
    assert names.index("رومانی") < names.index("ژاپن") < names.index("سوئد")
    assert names[-1] == "یونان"


def test_country_names_are_persian_and_single() -> None:
    assert len({folded(name) for name in COUNTRY_NAMES.values()}) == 249
    allowed = re.compile(rf"[{LETTERS}\u0654\u200c ()،]+")
    assert [name for name in COUNTRY_NAMES.values() if not allowed.fullmatch(name)] == []

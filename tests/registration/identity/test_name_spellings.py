"""Names of other letters: which are one name written in two ways, and which are two names.

`names.tsv`: what a citizen typed, what the registry answers, the verdict, and why.
"""

import csv
from pathlib import Path

import pytest

from registration.identity.base import Applicant, Finding
from registration.identity.compare import Recorded, compare
from registration.identity.name_spellings import are_one_first_name, are_one_last_name
from tests.people import STATED, national_code

PAIRS = list(csv.DictReader((Path(__file__).parent / "names.tsv").read_text("utf-8").splitlines(), delimiter="\t"))
STATED_ALL = STATED | {"certificate_number": "2417"}


def verdict(field: str, typed: str, registry: str) -> Finding:
    applicant = Applicant(national_code=national_code(301), mobile="+989000000301", **STATED_ALL | {field: typed})
    return Finding(compare(applicant, Recorded(**STATED_ALL | {field: registry}))[1][field])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['typed']}|{pair['registry']}")
def test_a_pair_is_judged_as_those_who_know_the_names_do(pair: dict[str, str]) -> None:
    expected = Finding[pair["expected"]]
    assert verdict(pair["field"], pair["typed"], pair["registry"]) == expected, pair["why"]
    assert verdict(pair["field"], pair["registry"], pair["typed"]) == expected, pair["why"]


def test_the_pairs_are_read() -> None:
    assert len(PAIRS) == 64
    assert {pair["expected"] for pair in PAIRS} == {"MATCH", "SIMILAR", "MISMATCH"}


ONE_FIRST_NAME = """
رحمان رحمن|عبدالرحمان عبدالرحمن|اسماعیل اسمعیل|محمداسحاق محمداسحق|ابراهیم ابرهیم|سلیمان سلیمن
لقمان لقمن|عثمان عثمن
هارون هرون|طاها طه|محمدطاها محمدطه|یاسین یس|امیریاسین امیر‌یس|جبرائیل جبرئیل
عیسی عیسا|موسی موسا|یحیی یحیا|مصطفی مصطفا|محمدمرتضی محمدمرتضا|مجتبی مجتبا|کبری کبرا|صغری صغرا
طوبی طوبا|هدی هدا|بشری بشرا|سلمی سلما
سلوی سلوا|کسری کسرا|ضحی ضحا|عظمی عظما|لبنی لبنا|نورالهدی نورالهدا|فاطمه‌صغری فاطمه‌صغرا
طهماسب تهماسب|امیرطهماسب امیرتهماسب|طهمورث تهمورث|طهمینه تهمینه
داوود داود|داؤد داوود|طاووس طاوس|کیکاووس کیکاوس
ابوالفضل ابولفضل|میر‌ابوالقاسم میر‌ابولقاسم|محمدابوالحسن محمدابولحسن|عبدالکریم عبدلکریم
عبدالرحیم عبدل‌رحیم|عبدالعلی عبدلعلی|ابوالحسن ابول‌حسن
رئوف رؤوف|رئوف روف|رئوف رءوف|هیئت هیأت|هیئت هیات|جرئت جرأت
ائلین الین|ائل ال|ئاسو آسو|ئارام ارام|ئومید اومید
رحمت رحمة|نصرت‌الله نصره‌اله|حجت‌اله حجة‌الله|آیت‌الله آیه‌الله|نعمتالله نعمهاله
قدرت‌الله قدرت‌اله|عبدالله عبداله|الله‌قلی اله‌قلی|یدالله ید‌اله|سیف‌الله سیف‌اله|ماشاءالله ماشااله
محمد سید‌محمد|محمد حاج‌محمد|محمد حاجی‌محمد|طاهره حاجیه‌طاهره|زهرا بی‌بی‌زهرا|زهرا بیبی‌زهرا
سکینه سیده‌سکینه
مریم مریم‌السادات|مریم مریم‌سادات|مریم مریمالسادات|مریم مریمسادات|فاطمه فاطمهبیگم|گل گل‌خانم
پوریا سیدپوریا|نرگس بی‌بی‌نرگس‌سادات|گل گلبیگم
مریم‌زهرا مریم‌زهرا‌سادات|مریم‌زهرا مریم‌زهراسادات
"""
ONE_LAST_NAME = """
رحمانی رحمنی|سماواتی سمواتی|ابراهیمی ابرهیمی|سلیمانی سلیمنی|لقمانی لقمنی|عثمانی عثمنی
عیسی‌زاده عیسا‌زاده|موسیزاده موسازاده|یحیی‌پور یحیا‌پور|مصطفی‌نژاد مصطفا‌نژاد|علم‌الهدی علم‌الهدا
تهرانی طهرانی|طهماسبی تهماسبی|طوسی توسی|طالشی تالشی|طارمی تارمی
داوودی داودی|کاووسی کاوسی|مسئولی مسؤولی|رئوفی رؤفی|ابوالحسنی ابولحسنی|عبدالمالکی عبدلمالکی
شکراللهی شکرالهی|عبداللهی عبدالهی|اللهیاری الهیاری|عبداللهیان عبدالهیان|نصرت‌اللهی نصرت‌الهی
حسینی سید‌حسینی|حسینی سیدحسینی|حسینی میر‌حسینی|پورحسینی سید‌پورحسینی
محمدی محمدی‌اصل|کریمی کریمی‌مقدم|حسینی حسینی‌تهرانی|جعفری جعفری‌ندوشن|احمدی احمدی‌علی‌آبادی
احمدی احمدی‌علی‌آباد
فراهانی شهرابی‌فراهانی|قاسمی م‌قاسمی|قاسمی م.قاسمی|بزرگ ر‌بزرگ|تهرانی حسینی‌طهرانی
حسینی سید‌حسینی‌تهرانی
"""
TWO_FIRST_NAMES = """
محمد محمد‌علی|علی علی‌اصغر|رضا رضی|ساری سارا|لیلی لیلا|مهدی مهدا|سلمان سلمن|هاله تاله|نهاله نتاله
عبدالاله عبدالله|عبدالاله عبداله|عبدلاله عبداله|الله اله|عبدلی عبدالی|ابولی ابوالی|ابول ابوال
راد رائد|ساری سائری|مروه مروت|حشمه حشمت|طیبه تیبه|عطیه عتیه|فاطمه فاتمه|مهرون مهارون|یسنا یاسینا
طهورا طاهاورا
میرزا زا|میرحسین حسین|سیده ه|سید سیده|سید‌محمد سید‌احمد|محمد محمد‌سید|سادات السادات|بیگم خانم
مهخانم مه|مسادات م
زهرا زهره|تهرانی تهران|فاطمه فاطمه‌تهرانی|مبشری مبشرا|اکبری اکبرا
"""
TWO_LAST_NAMES = """
مالکی ملکی|طاوسی طوسی|اللهی الهی|اللهی‌زاده الهی‌زاده|اللهی‌تهرانی الهی‌تهرانی|صادقی صدقی
طهوری تهوری|سلطانی سلتانی|قسطوسی قستوسی
مهدی مهدا|مسلمی مسلما|زاهدی زاهدا|آبادی سیدآبادی|آبادی سید‌آبادی|زاده سیدزاده|نژاد سید‌نژاد
پور سیدپور|پوری سیدپوری
محمدی حاجی‌محمدی|اسدی بنی‌اسدی|زاهدی قاضی‌زاهدی|حاجی حاجی‌محمدی|زهرا زهرا‌سادات
حسینی حسینی‌سادات‌پور
محمدی محمدی‌نژاد|محمدی محمدی‌زاده|محمدی محمدی‌پور|محمدی محمدی‌فر|محمدی محمدی‌نیا|محمدی محمدی‌نسب
محمدی محمدی‌فرد|محمدی محمدی‌حسن‌زاده
محمدی محمدی‌حسن|محمدی محمدی‌محمدرضا|محمدی علی‌محمدی|محمدی غلامعلی‌محمدی|محمدی محمدی‌نژاد‌تهرانی
محمدی حسن‌محمدی|محمدی سبزعلی‌محمدی|محمدی نیازقلی‌محمدی|محمدی سید‌حاجی‌محمدی
موسی موسی‌خانی|علی علی‌آبادی|تقی تقی‌پور|حسن حسن‌زاده|اصل محمدی‌اصل|نیک کریمی‌نیک|بزرگ بزرگ‌تهرانی
بزرگ تهرانی‌بزرگ
حسینی‌تهرانی حسینی‌اصفهانی|حسینی موسوی‌تهرانی|قاسمی مر‌قاسمی|محمدی محمدی‌بنی
"""


def pairs(text: str) -> list[tuple[str, str]]:
    """Two names apart by a space; in a name ZWNJ stands for the space."""
    found = [pair.split(" ") for line in text.strip().split("\n") for pair in line.split("|")]
    return [(one.replace("\u200c", " "), other.replace("\u200c", " ")) for one, other in found]


@pytest.mark.parametrize(("one", "other"), pairs(ONE_FIRST_NAME))
def test_one_first_name_in_two_spellings(one: str, other: str) -> None:
    assert verdict("first_name", one, other) == verdict("first_name", other, one) == Finding.SIMILAR


@pytest.mark.parametrize(("one", "other"), pairs(ONE_LAST_NAME))
def test_one_last_name_in_two_spellings(one: str, other: str) -> None:
    assert verdict("last_name", one, other) == verdict("last_name", other, one) == Finding.SIMILAR


@pytest.mark.parametrize(("one", "other"), pairs(TWO_FIRST_NAMES))
def test_two_first_names_stay_two(one: str, other: str) -> None:
    assert verdict("first_name", one, other) == verdict("first_name", other, one) == Finding.MISMATCH


@pytest.mark.parametrize(("one", "other"), pairs(TWO_LAST_NAMES))
def test_two_last_names_stay_two(one: str, other: str) -> None:
    assert verdict("last_name", one, other) == verdict("last_name", other, one) == Finding.MISMATCH


@pytest.mark.parametrize("nothing", ["", " ", "-", "."])
def test_nothing_is_no_name(nothing: str) -> None:
    assert not are_one_first_name(nothing, "محمد")
    assert not are_one_last_name("محمدی", nothing)

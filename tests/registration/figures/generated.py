"""A month of made-up counts, the same ones every time."""

import datetime as dt
import math

from accounts.models import Branch, User
from registration.desk import roles
from registration.figures import days
from registration.models import DailyFigure, DailyWork
from sms import statistics
from tests.registration.desk.members import member

PROVINCES = ("تهران", "فارس", "")
STATES = {"delivered": 60, "accepted": 6, "delivery_unknown": 3, "failed": 3, "undelivered": 2, "queued": 1}
FUNNEL = {"contact": 140, "sent": 134, "proved": 118, "identity": 101, "submitted": 97, "decided": 96}
OUTCOMES = {
    ("submitted", "submitted"): 1.0,
    ("decided", "activated"): 0.7,
    ("decided", "branch"): 0.16,
    ("decided", "mismatch"): 0.1,
    ("withdrawn", "withdrawn"): 0.03,
    ("documents_seen", "activated"): 0.12,
    ("rejected", "rejected"): 0.03,
}
TIMES = {8: 0.1, 12: 0.4, 16: 0.3, 20: 0.12, 26: 0.05, 40: 0.02}  # bucket → share
OPERATORS = {"mci": 1.0, "irancell": 0.8, "rightel": 0.1, "": 0.05}
FIELDS = {
    ("identity.certificate_serial", "required"): 90,
    ("identity.certificate_serial", "invalid"): 240,
    ("identity.birth_date", "month"): 130,
    ("identity.last_name", "letters"): 110,
    ("activation.code", "wrong"): 80,
    ("contact.national_code", "check_digit"): 60,
    ("contact.form", "limit"): 4,
    ("account.password1", "too_common"): 150,
}


def month(today: dt.date) -> None:
    rows: list[DailyFigure] = []
    for place, day in enumerate(days.last(30, today)):
        many = (80 + 30 * math.sin(place * 1.3)) * (0.4 if day.weekday() in (3, 4) else 1.0)  # Thursday and Friday
        for weight, province in zip((1.0, 0.5, 0.1), PROVINCES, strict=True):
            rows += _of_province(day, province, many * weight, is_stalled=place == 20)
        rows += [
            _row(day, "funnel", flow, step, round(about * part * many / 100))
            for flow, part in (("portal", 0.8), ("eservices", 0.2))
            for step, about in FUNNEL.items()
        ]
        rows += [_row(day, "field", *found, round(about * many / 3000)) for found, about in FIELDS.items()]
    DailyFigure.objects.bulk_create(row for row in rows if row.count)
    statistics.figures_counted()


def _of_province(day: dt.date, province: str, many: float, *, is_stalled: bool) -> list[DailyFigure]:
    """`is_stalled`: the service of identities was away for hours."""
    counts = {("outcome", subject, outcome): share for (subject, outcome), share in OUTCOMES.items()}
    counts["outcome", "expired", "expired"] = 0.15 if is_stalled else 0.01
    counts |= {("decision", "", str(bucket + 14 * is_stalled)): share for bucket, share in TIMES.items()}
    for operator, part in OPERATORS.items():
        counts |= {("delivery", operator, state): part * share / 50 for state, share in STATES.items()}
        counts |= {("handing_over", operator, str(bucket)): part / 3 for bucket in (4, 6, 8)}
    return [_row(day, *cell, round(many * share), province) for cell, share in counts.items()]


def _row(day: dt.date, kind: str, subject: str, outcome: str, count: int, province: str = "") -> DailyFigure:
    return DailyFigure(day=day, kind=kind, subject=subject, outcome=outcome, province=province, count=count)


def work(today: dt.date, first: int = 620) -> list[User]:
    """Of two branches in Tehran and one in Shiraz."""
    people = []
    names = [("نرگس", "بهرامی"), ("سعید", "توکلی"), ("مریم", "شاکری"), ("حمید", "رستگار"), ("الهام", "یزدانی")]
    places = [("شعبهٔ یک تهران", "تهران"), ("شعبهٔ دو تهران", "تهران"), ("شعبهٔ شیراز", "فارس")]
    offices = [
        Branch.objects.create(code=f"F{number}", name=name, province=province, city=province)
        for number, (name, province) in enumerate(places)
    ]
    for number, (first_name, last_name) in enumerate(names):
        named = {"first_name": first_name, "last_name": last_name}
        clerk = member(first + number, roles.CLERK, branch=offices[number % 3], **named)
        people.append(clerk)
        for deed, count in (("activated", 9), ("rejected", 2), ("corrected", 3), ("errand", 4), ("first_word", 1)):
            DailyWork.objects.create(
                day=today, clerk=clerk, branch=clerk.branch, deed=deed, count=count + 3 * (4 - number)
            )
    return people

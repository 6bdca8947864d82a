"""What is counted about one day, read from the rows of that day. Each function is one statement, or two.

Rows are found from the newest backwards by their primary keys, since their times have no index: that reads those of
the day and what came after it, whatever the size of the table.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from accounts.models import AccountEvent
from registration.figures import buckets, field_errors
from registration.figures.days import Span
from registration.models import DailyFigure, RegistrationRequest, RequestEvent
from registration.models.request import NEVER_EMPTY
from sms.models import Message

Kind, Event = DailyFigure.Kind, RequestEvent.Kind

# What moves a request, without what leaves it where it is.
MOVES = (
    *(Event.SUBMITTED, Event.DECIDED, Event.EXPIRED, Event.CAPPED, Event.WITHDRAWN, Event.SUPERSEDED),
    *(Event.DOCUMENTS_SEEN, Event.SECOND_WORD, Event.REJECTED),
)
FIRST_DECISIONS = (Event.DECIDED, Event.EXPIRED, Event.CAPPED)
# Of those who answered the first page: what they have reached at least.
STEPS = ("contact", "sent", "proved", "identity", "submitted", "decided")
# Kind of a request's event → deed. Two persons who open one account have each done something.
DEEDS = {
    Event.DOCUMENTS_SEEN: "activated",
    Event.SECOND_WORD: "activated",
    Event.FIRST_WORD: "first_word",
    Event.REJECTED: "rejected",
    Event.CORRECTED: "corrected",
    Event.WITHDRAWN: "withdrawn",
}
ERRAND = "errand"  # with an account
KEY_SLACK = timedelta(hours=1)  # keys are in the order of time but for moments
CODE_AFTER = timedelta(hours=24)  # a draft lives that long


class Cell(NamedTuple):
    """What one row of DailyFigure counts, but for its day."""

    kind: str
    province: str
    subject: str
    outcome: str


Cells = Counter[Cell]
Work = Counter[tuple[int, str]]  # clerk, deed


def outcomes(span: Span) -> Cells:
    rows = _of(RequestEvent.objects.filter(kind__in=MOVES), "at", span)
    found = rows.values_list("request__province", "kind", "to_status").annotate(count=Count("pk"))
    return _cells(Kind.OUTCOME, found.order_by())


def decisions(span: Span) -> Cells:
    """How long first decisions took that were made that day."""
    rows = _of(RequestEvent.objects.filter(kind__in=FIRST_DECISIONS), "at", span)
    rows = rows.annotate(bucket=buckets.of("request__submitted_at", "at"))
    found = rows.values_list("request__province", Value(""), "bucket").annotate(count=Count("pk"))
    return _cells(Kind.DECISION, found.order_by())


def deliveries(span: Span) -> Cells:
    """Text messages made that day. Their operator is the one that the newest request of the mobile names: numbers are
    portable. Those that only pretend are left out."""
    newest = RegistrationRequest.objects.filter(mobile=OuterRef("recipient")).order_by("-pk")
    owner = Subquery(newest.annotate(both=Concat("operator", Value("/"), "province")).values("both")[:1])
    rows = _of(Message.objects.exclude(state=Message.State.CANCELLED), "created_at", span)
    rows = rows.annotate(owner=owner, bucket=buckets.of("created_at", "accepted_at"))
    cells: Cells = Counter()
    for owned_by, state, bucket, count in rows.values_list("owner", "state", "bucket").annotate(count=Count("pk")):
        operator, _, province = (owned_by or "/").partition("/")
        cells[Cell(Kind.DELIVERY, province, operator, state)] += count
        if bucket is not None:
            cells[Cell(Kind.HANDING_OVER, province, operator, str(bucket))] += count
    return cells


def funnel(span: Span) -> Cells:
    """How far those came, by now, who answered the first page that day: drafts and what became of them."""
    codes = Message.objects.filter(
        recipient=OuterRef("mobile"),
        purpose=Message.Purpose.REGISTRATION,
        accepted_at__isnull=False,
        created_at__gte=OuterRef("created_at"),
        created_at__lt=OuterRef("created_at") + CODE_AFTER,
    )
    identity = Q(*(~Q(**{name: ""}) for name in NEVER_EMPTY), birth_date__isnull=False)
    proved = Q(challenge__confirmed_at__isnull=False)
    steps = {  # who proved the mobile had the code, however it came
        "contact": Q(),
        "sent": Q(is_sent=True) | proved,
        "proved": proved,
        "identity": proved & identity,
        "submitted": Q(submitted_at__isnull=False),
        "decided": Q(decided_at__isnull=False),
    }
    rows = _of(RegistrationRequest.objects.all(), "created_at", span).annotate(is_sent=Exists(codes))
    counted = {f"at_{step}": Count("pk", filter=condition) for step, condition in steps.items()}
    found = rows.values("flow").annotate(**counted).order_by()
    return Counter(
        {
            Cell(Kind.FUNNEL, "", row["flow"], step): row[f"at_{step}"]
            for row in found
            for step in STEPS
            if row[f"at_{step}"]
        }
    )


def fields(day: dt.date) -> Cells:
    found = field_errors.of_day(day)
    return Counter({Cell(Kind.FIELD, "", subject, code): count for (subject, code), count in found.items()})


def work(span: Span) -> Work:
    """What members of the staff did with requests and accounts."""
    events = _of(RequestEvent.objects.filter(kind__in=DEEDS, actor__isnull=False), "at", span)
    done: Work = Counter()
    for clerk, kind, count in events.values_list("actor", "kind").annotate(count=Count("pk")).order_by():
        done[clerk, DEEDS[Event(kind)]] += count
    acts = AccountEvent.objects.filter(actor__isnull=False).exclude(kind__in=AccountEvent.NOTHING_DONE)
    errands = _of(acts, "at", span)
    for clerk, count in errands.values_list("actor").annotate(count=Count("pk")).order_by():
        done[clerk, ERRAND] += count
    return done


def _cells(kind: str, rows: Any) -> Cells:
    """Of (province, subject, outcome, count)."""
    cells: Cells = Counter()
    for province, subject, outcome, count in rows:
        cells[Cell(kind, province, subject, str(outcome))] += count
    return cells


def _of(rows: QuerySet[Any], column: str, span: Span) -> QuerySet[Any]:
    """Those whose `column` is within the span. `column` grows with the primary key."""
    model: type[Model] = rows.model
    before = model._default_manager.filter(**{f"{column}__lt": span.start - KEY_SLACK})
    newest_before = before.order_by("-pk").values_list("pk", flat=True).first() or 0
    within: Mapping[str, Any] = {f"{column}__gte": span.start, f"{column}__lt": span.end}
    return rows.filter(pk__gt=newest_before, **within)

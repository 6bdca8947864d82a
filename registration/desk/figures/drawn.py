"""The figures one by one: what is drawn, said and listed, for the page and for files alike."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from registration.desk.figures import plots, svg, words
from registration.desk.figures.plots import Bar, Series
from registration.figures import buckets
from registration.figures.counts import STEPS
from registration.figures.reading import Read
from registration.models import DailyFigure
from registration.wizard.flows import FLOWS

Kind = DailyFigure.Kind
Cell = str | int
MOST_BARS = 10
MEDIAN, MOST = 0.5, 0.95


class Figure(NamedTuple):
    """`told`: in a sentence. `legend`: a sample and its name. `rows`: numbers as numbers, for files; of a day its date.

    `note`: how it was counted, where that is not plain.
    """

    key: str
    title: str
    told: str
    note: str
    legend: Sequence[tuple[SafeString, str]]
    picture: SafeString
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | dt.date]]

    @property
    def shown(self) -> list[list[str]]:
        """The rows in words; of days the newest first."""
        rows = reversed(self.rows) if self.rows and isinstance(self.rows[0][0], dt.date) else self.rows
        return [[_shown(cell) for cell in row] for row in rows]


def _shown(cell: Cell | dt.date) -> str:
    if isinstance(cell, dt.date):
        return words.date(cell)
    return words.number(cell) if isinstance(cell, int) else cell


def _legend(key: str, labels: Iterable[str]) -> list[tuple[SafeString, str]]:
    return [(svg.swatch(key, number), label) for number, label in enumerate(labels)]


def outcomes(read: Read) -> Figure:
    key, title = "outcomes", _("Registrations a day by outcome")
    days = read.by_day(Kind.OUTCOME)
    capped = ("capped", "expired")  # ended by the clock, or by the limit of paid questions
    series = [
        Series(str(label), [day[pair] + (day[capped] if pair[0] == "expired" else 0) for day in days.values()])
        for pair, label in words.OUTCOMES.items()
    ]
    sent = [day["submitted", "submitted"] for day in days.values()]
    later = {  # what clerks and newer requests made of those that waited
        _("Activated by a clerk"): [("documents_seen", "activated"), ("second_word", "activated")],
        _("Refused by a clerk"): [("rejected", "rejected")],
        _("Replaced by a newer request"): [("superseded", "superseded")],
    }
    more = [[sum(day[pair] for pair in pairs) for day in days.values()] for pairs in later.values()]
    decided = [int(sum(one.values[place] or 0 for one in series)) for place in range(len(read.days))]
    at_once = int(sum(series[0].values[place] or 0 for place in range(len(read.days))))
    told = _("In %(days)s days %(sent)s requests were sent; of %(decided)s outcomes %(share)s were opened at once.") % {
        "days": words.number(len(read.days)),
        "sent": words.number(sum(sent)),
        "decided": words.number(sum(decided)),
        "share": words.share(at_once, sum(decided)),
    }
    listed = [sent, *(one.values for one in series), *more]
    return Figure(
        key,
        title,
        told,
        _("Counted on the day of the outcome; what a clerk decided later stands in the table."),
        _legend(key, [one.label for one in series]),
        plots.stacked(key, title, told, read.days, series),
        [_("Day"), _("Requests"), *(one.label for one in series), *later],
        [[day, *(int(values[place] or 0) for values in listed)] for place, day in enumerate(read.days)],
    )


def decisions(read: Read) -> Figure:
    key, title = "decisions", _("Time to the first decision")
    times = [_buckets(day) for day in read.by_day(Kind.DECISION).values()]
    series = [
        Series(_("Median"), [buckets.quantile(one, MEDIAN) for one in times]),
        Series(_("95 of 100 within"), [buckets.quantile(one, MOST) for one in times]),
    ]
    whole: Counter[int] = sum(times, Counter())
    half, most = buckets.quantile(whole, MEDIAN), buckets.quantile(whole, MOST)
    told = _("Nothing was decided in these days.")
    if half is not None and most is not None:
        told = _("Half of %(count)s decisions came within %(half)s, 95 of 100 within %(most)s.") % {
            "count": words.number(whole.total()),
            "half": words.time(half),
            "most": words.time(most),
        }
    return Figure(
        key,
        title,
        told,
        _("From sending the request to the answer of the check, or to the end without one. Within a tenth."),
        [(plots.line_sample(number), one.label) for number, one in enumerate(series)],
        plots.lines(key, title, told, read.days, series, words.time),
        [_("Day"), _("Decisions"), _("Median, minutes"), _("95 of 100, minutes")],
        [
            [day, times[place].total(), *(_minutes(one.values[place]) for one in series)]
            for place, day in enumerate(read.days)
        ],
    )


def delivery(read: Read) -> Figure:
    key, title = "delivery", _("Text messages by mobile operator")
    handed = {name: _buckets_of(found) for name, found in read.by_subject(Kind.HANDING_OVER).items()}
    states = {name: _grouped(found) for name, found in read.by_subject(Kind.DELIVERY).items()}
    order = sorted(states, key=lambda name: (not name, -sum(states[name])))
    labels = [_("Delivered"), _("Sent, no report yet"), _("Failed"), _("Waiting")]
    bars, rows = [], list[list[Cell | dt.date]]()
    for name in order:
        parts, total = states[name], sum(states[name])
        half = buckets.quantile(handed.get(name, Counter()), MEDIAN)
        took = words.time(half) if half is not None else "–"
        said = _("%(share)s of %(count)s delivered") % {
            "share": words.share(parts[0], total),
            "count": words.number(total),
        }
        bars.append(Bar(words.operator(name), said, [part / total for part in parts]))
        rows.append([words.operator(name), total, *parts, took])
    total, arrived = sum(map(sum, states.values())), sum(parts[0] for parts in states.values())
    told = _("Of %(count)s text messages %(share)s were surely delivered.") % {
        "count": words.number(total),
        "share": words.share(arrived, total),
    }
    return Figure(
        key,
        title,
        told,
        _("The operator is the one that the newest request of the mobile names; the time, until a provider had it."),
        _legend(key, labels),
        plots.bars(key, title, told, bars, of=1),
        [_("Operator"), _("Text messages"), *labels, _("Median time")],
        rows,
    )


def funnel(read: Read) -> Figure:
    key, title = "funnel", _("How far people come")
    by_flow = read.by_subject(Kind.FUNNEL)
    reached: Counter[str] = sum(by_flow.values(), Counter())
    bars, rows, before = [], list[list[Cell | dt.date]](), reached[STEPS[0]]
    for step in STEPS:
        count = reached[step]
        said = _("%(count)s, %(share)s of the step before") % {
            "count": words.number(count),
            "share": words.share(count, before),
        }
        bars.append(Bar(str(words.STEPS[step]), said if step != STEPS[0] else words.number(count), [count]))
        flows = [by_flow.get(flow, Counter())[step] for flow in FLOWS]
        rows.append([str(words.STEPS[step]), count, *flows, words.share(count, before)])
        before = count
    told = _("Of %(count)s people who began, %(share)s sent their request.") % {
        "count": words.number(reached["contact"]),
        "share": words.share(reached["submitted"], reached["contact"]),
    }
    return Figure(
        key,
        title,
        told,
        _("Counted by the day on which the first page was answered."),
        [],
        plots.bars(key, title, told, bars),
        [_("Step"), _("All"), _("Three steps"), _("Four steps"), _("Share of the step before")],
        rows,
    )


def fields(read: Read) -> Figure:
    key, title = "fields", _("Fields whose errors stop people")
    found = read.by_subject(Kind.FIELD)
    order = sorted(found, key=lambda name: -found[name].total())
    bars = [Bar(_field(name), words.number(found[name].total()), [found[name].total()]) for name in order[:MOST_BARS]]
    told = _("No answer was turned back in these days.")
    if order:
        told = _("The field “%(field)s” turned back %(count)s answers, more than any other.") % {
            "field": _field(order[0]),
            "count": words.number(found[order[0]].total()),
        }
    return Figure(
        key,
        title,
        told,
        _("Names of fields and codes of errors alone; nobody keeps what was typed."),
        [],
        plots.bars(key, title, told, bars),
        [_("Field"), _("Error"), _("Times")],
        [[_field(name), code, count] for name in order for code, count in found[name].most_common()],
    )


def branches(work: dict[str, Counter[str]]) -> Figure:
    listed = [(name or _("No branch"), deeds) for name, deeds in work.items()]
    return _work("branches", _("Work by branch"), _("Branch"), listed)


def clerks(work: Sequence[tuple[User, Counter[str]]]) -> Figure:
    return _work("clerks", _("Work by clerk"), _("Clerk"), [(user.get_full_name(), deeds) for user, deeds in work])


def _work(key: str, title: str, who: str, listed: Sequence[tuple[str, Counter[str]]]) -> Figure:
    total = sum(deeds.total() for _name, deeds in listed)
    told = _("%(count)s acts at the desk in these days.") % {"count": words.number(total)}
    parts = ("activated", "rejected", "corrected", "errand")
    labels = [str(words.DEEDS[deed]) for deed in parts] + [_("Other acts")]
    bars = []
    for name, deeds in listed[:MOST_BARS]:
        own = [deeds[deed] for deed in parts]
        bars.append(Bar(name, words.number(deeds.total()), [*own, deeds.total() - sum(own)]))
    return Figure(
        key,
        title,
        told,
        "",
        _legend(key, labels),
        plots.bars(key, title, told, bars),
        [who, _("All"), *(str(label) for label in words.DEEDS.values())],
        [[name, deeds.total(), *(deeds[deed] for deed in words.DEEDS)] for name, deeds in listed],
    )


def _buckets(day: Counter[tuple[str, str]]) -> Counter[int]:
    return Counter({int(bucket): count for (_subject, bucket), count in day.items()})


def _buckets_of(found: Counter[str]) -> Counter[int]:
    return Counter({int(bucket): count for bucket, count in found.items()})


def _grouped(found: Counter[str]) -> list[int]:
    """Delivered, sent, failed, waiting."""
    sent, failed = sum(found[state] for state in words.SENT), sum(found[state] for state in words.FAILED)
    return [found["delivered"], sent, failed, found["queued"]]


def _minutes(seconds: float | None) -> str:
    """With ASCII digits: a number for files."""
    return "" if seconds is None else f"{seconds / 60:.1f}"


def _field(subject: str) -> str:
    step, _dot, name = subject.partition(".")
    forms = [flow.steps[step] for flow in FLOWS.values() if step in flow.steps]
    known = next((form.base_fields[name] for form in forms if name in form.base_fields), None)
    label: Any = (known.label if known else None) or name
    page = words.PAGES.get(step, step)
    return str(page) if name == "form" else f"{label} ({page})"

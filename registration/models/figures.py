"""What happened on each day, counted: small tables without personal data, which outlive the rows that were counted."""

from django.db import models
from django.db.models.functions import Coalesce


class DailyFigure(models.Model):
    """How often something happened on one day. `day`: of Tehran's time, as a Gregorian date.

    `province`: as RegistrationRequest.province; empty where nobody knows it, or where none is counted. `subject` and
    `outcome` by kind, see Kind.
    """

    class Kind(models.TextChoices):
        OUTCOME = "outcome"  # of requests; subject: kind of the event; outcome: the status that it led to
        DECISION = "decision"  # the time from submission to the first decision; outcome: a bucket (figures.buckets)
        DELIVERY = "delivery"  # of text messages; subject: the operator; outcome: Message.State
        HANDING_OVER = "handing_over"  # the time until a provider had a message; subject: operator; outcome: a bucket
        FUNNEL = "funnel"  # of those who began that day; subject: the form; outcome: a step (figures.counts.STEPS)
        FIELD = "field"  # errors of the form; subject: step.field; outcome: the error's code

    day = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind)
    province = models.CharField(max_length=60, blank=True, default="")
    subject = models.CharField(max_length=60, blank=True, default="")
    outcome = models.CharField(max_length=40)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "province", "subject", "outcome"], name="daily_figure_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["outcome", "decision", "delivery", "handing_over", "funnel", "field"]),
                name="daily_figure_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.subject} {self.outcome}"


class DailyWork(models.Model):
    """How often a member of the staff did something on one day. `deed`: see figures.counts.DEEDS.

    `branch`: where the member belonged when that was counted; none for the head office.
    """

    day = models.DateField()
    clerk = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey("accounts.Branch", models.PROTECT, null=True, related_name="+", db_index=False)
    deed = models.CharField(max_length=16)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("day", Coalesce("branch", 0), "clerk", "deed", name="daily_work_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.deed}"

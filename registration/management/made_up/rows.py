"""Made-up requests as rows: people by COPY into a table of the session, everything else multiplied from it inside
PostgreSQL. Each piece is a transaction, so whatever was made before an interruption stays, whole."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import DatabaseDefault
from django.utils import timezone

from accounts.models import AccountEvent, IdentityChange, SecurityQuestion, User
from registration.management.made_up import histories, people, staff
from registration.management.made_up.histories import EVERY, NOBODY, SUPERVISOR
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message, OtpChallenge

Status = RegistrationRequest.Status
MARK = "make_requests"  # the provider's reference of every request that is made here
PIECE = 20_000
NETWORK = "192.0.2.0"  # set aside for documentation
HASH = "!made-up"  # fits no password and no answer
WHILE_OPEN = (Status.SUBMITTED, Status.BRANCH, Status.MISMATCH)

TABLES = """
DROP TABLE IF EXISTS pg_temp.made_up, pg_temp.made_up_history, pg_temp.made_up_step;
CREATE TEMPORARY TABLE made_up (
    n bigint, history int, code text, mobile text, first_name text, first_name_key text, last_name text,
    last_name_key text, gender text, country text, city text, province text, tracking text, at timestamptz,
    clerk bigint, supervisor bigint, text_state text, request bigint, challenge bigint
);
CREATE TEMPORARY TABLE made_up_history (
    history int, status text, identity text, ownership text, decided interval, opens boolean, undelivered boolean,
    awaits_second boolean, capped boolean
);
CREATE TEMPORARY TABLE made_up_step (
    history int, place int, kind text, after interval, by text, from_status text, to_status text, words text
);
"""
COPIED = (
    "n, history, code, mobile, first_name, first_name_key, last_name, last_name_key, gender, country, city, province"
)
COPIED += ", tracking, at, clerk, supervisor, text_state"
PERSON = {
    "national_code": "p.code",
    "gender": "p.gender",
    "country": "p.country",
    "city": "p.city",
    **{name: f"p.{name}" for name in ("first_name", "first_name_key", "last_name", "last_name_key")},
    "mobile": "p.mobile",
}
DECIDED = "CASE WHEN h.decided IS NOT NULL THEN least(p.at + h.decided, now()) END"  # least() of NULL is the other
FROM = "FROM made_up p JOIN made_up_history h USING (history)"


class Begun(NamedTuple):
    """What the requests of one run have in common."""

    first: int
    size: int
    at: datetime
    question: SecurityQuestion
    desks: staff.Desks


def made() -> int:
    """How many requests were made here so far."""
    return RegistrationRequest.objects.filter(provider_reference=MARK).count()


def real() -> bool:
    """Whether there is a request, or an account, whose national code is not a made-up one."""
    rows = (RegistrationRequest.objects, User.objects)
    return any(one.exclude(national_code__regex=people.SERIAL).exists() for one in rows)


def make(size: int, show: Callable[[int, int], None]) -> None:
    """`size` more requests, evenly over the last year, with challenges, accounts, events and the newest messages.

    `show` is told how many there are so far, twice (registration.management.progress_bar).
    """
    first = made()
    question = SecurityQuestion.objects.filter(is_offered=True).first()
    if question is None:
        raise LookupError("There is no security question: run migrate first.")
    begun = Begun(first, size, timezone.now(), question, staff.make(first + size))
    with connection.cursor() as cursor:
        # Until this connection ends: a piece takes as long as it takes.
        cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        cursor.execute(TABLES)
        _enter_histories(cursor)
        for start in range(0, size, PIECE):
            done = min(start + PIECE, size)
            with transaction.atomic():
                cursor.execute("SET LOCAL synchronous_commit = off")
                _make_piece(cursor, begun, range(start, done))
            show(done, done)
    _know_them()


def _enter_histories(cursor: CursorWrapper) -> None:
    for place, one in enumerate(EVERY):
        decided = None if one.decided is None else timedelta(hours=one.decided)
        row: list[Any] = [place, one.status, one.identity, one.ownership, decided, one.account]
        row += [one.undelivered, one.awaits_second, one.capped]
        cursor.execute("INSERT INTO made_up_history VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", row)
        for at, step in enumerate(one.steps):
            moved = (step.before, step.after, step.words)
            told: list[Any] = [place, at, step.kind, timedelta(hours=step.hours), step.by, *moved]
            cursor.execute("INSERT INTO made_up_step VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", told)


def _make_piece(cursor: CursorWrapper, begun: Begun, numbers: range) -> None:
    cursor.execute("TRUNCATE made_up")
    with cursor.copy(f"COPY made_up ({COPIED}) FROM STDIN") as copy:
        for number in numbers:
            copy.write_row(_row(begun, number))
    # Who is somebody's already, a demo person or one of the staff, is nobody's double.
    cursor.execute(
        "DELETE FROM made_up p USING accounts_user u WHERE u.national_code = p.code AND u.is_staff OR p.code IN "
        "(SELECT national_code FROM registration_civilrecord WHERE national_code ~ %s)",
        [people.SERIAL],
    )
    cursor.execute(
        "UPDATE made_up SET challenge = nextval(pg_get_serial_sequence('sms_verification', 'id')), "
        "request = nextval(pg_get_serial_sequence('registration_registrationrequest', 'id'))"
    )
    cursor.execute("ANALYZE made_up")
    _requests(cursor, begun)
    _accounts(cursor, begun)
    _messages(cursor, begun)


def _row(begun: Begun, number: int) -> tuple[Any, ...]:
    whole = begun.first + number
    one = people.person(whole % people.CITIZENS)
    age = histories.AGE * (begun.size - number) / begun.size
    place = histories.PLACES[whole * 617 % 1000]
    # One undecided request a person: those of a second round through all people are decided.
    if age < histories.UNDECIDED and whole % 2 and whole < people.CITIZENS:
        place = histories.CHECKED_AT
    clerk, supervisor = begun.desks.of(one.province, whole)
    state = histories.ARRIVED[whole * 71 % 100]
    names = (one.first_name, one.first_name_key, one.last_name, one.last_name_key)
    where = (one.gender, one.country, one.city, one.province)
    return (
        *(whole, place, one.national_code, one.mobile, *names, *where, people.tracking(whole), begun.at - age),
        *(clerk, supervisor, state),
    )


def _requests(cursor: CursorWrapper, begun: Begun) -> None:
    challenge = OtpChallenge(
        purpose=OtpChallenge.Purpose.REGISTRATION, nonce=bytes(16), attempts=1, expires_at=begun.at
    )
    times = ("created_at", "began_at", "confirmed_at", "consumed_at")
    _spread(
        *(cursor, challenge, FROM),
        {"id": "p.challenge", "mobile": "p.mobile", "subject": "p.code"}
        | dict.fromkeys(times, "p.at - interval '5 minutes'")
        | {"expires_at": "p.at + interval '5 minutes'"},
    )
    request = RegistrationRequest(
        flow="portal", operator="mci", certificate_number="4127", birth_date="1986-06-17", question_1=begun.question
    )
    request.provider_reference = MARK
    secret = f"CASE WHEN h.status = ANY (ARRAY[{_quoted(WHILE_OPEN)}]) THEN '{HASH}' ELSE '' END"
    _spread(
        *(cursor, request, FROM),
        PERSON
        | {"id": "p.request", "verification_id": "p.challenge", "tracking_code": "p.tracking"}
        | {"province": "p.province", "password_hash": secret, "answers_hash": secret}
        | {name: f"h.{name}" for name in ("status", "identity", "ownership", "undelivered", "awaits_second", "capped")}
        | {"flow": "CASE WHEN mod(p.n, 3) = 0 THEN 'eservices' ELSE 'portal' END"}
        | {"findings": """CASE WHEN h.identity = 'mismatch' THEN '{"first_name": "mismatch"}' ELSE '{}' END::jsonb"""}
        | {"created_at": "p.at - interval '5 minutes'", "submitted_at": "p.at", "decided_at": DECIDED}
        # Nobody is asked about them: they would be decided within minutes, and the desk would have none to show.
        | {"due_at": "p.at + interval '1 year'"},
    )
    actor = f"CASE s.by WHEN '{NOBODY}' THEN NULL WHEN '{SUPERVISOR}' THEN p.supervisor ELSE p.clerk END"
    _spread(
        *(cursor, RequestEvent(), "FROM made_up p JOIN made_up_step s USING (history) ORDER BY p.n, s.place"),
        {"request_id": "p.request", "at": "least(p.at + s.after, now())", "actor_id": actor, "reason": "s.words"}
        | {name: f"s.{name}" for name in ("kind", "from_status", "to_status")}
        | {"source": f"CASE WHEN s.by = '{NOBODY}' THEN NULL ELSE '{NETWORK}'::inet END"},
    )


def _accounts(cursor: CursorWrapper, begun: Begun) -> None:
    account = User(certificate_number="4127", birth_date="1986-06-17", question_1=begun.question)
    account.password = account.answers_hash = HASH
    opened = f"{FROM} WHERE h.opens ORDER BY p.n ON CONFLICT (national_code) DO NOTHING"
    check = "CASE h.ownership WHEN 'owned' THEN 'registry' ELSE 'branch' END"
    own = {"province": "p.province", "identity_check": check, "created_at": DECIDED, "activated_at": DECIDED}
    _spread(cursor, account, opened, PERSON | own)
    errands = ", ".join(f"({place}, '{kind}', '{words}')" for place, (kind, words) in enumerate(histories.ERRANDS))
    _spread(
        *(cursor, AccountEvent(security_version=0)),
        f"{FROM} JOIN accounts_user u ON u.national_code = p.code CROSS JOIN (VALUES {errands}) e (place, kind, words) "
        f"WHERE h.opens AND mod(p.n, {histories.ERRANDS_OF}) = 0 ORDER BY p.n, e.place",
        {"account_id": "u.id", "actor_id": "p.clerk", "kind": "e.kind", "words": "e.words"}
        | {"at": f"least({DECIDED} + e.place * interval '3 days', now())", "client_network": f"'{NETWORK}'::inet"},
    )
    _spread(
        *(cursor, IdentityChange(words=histories.NEW_NUMBER)),
        f"{FROM} JOIN accounts_user u ON u.national_code = p.code "
        f"WHERE h.opens AND mod(p.n, {histories.CHANGES_OF}) = 1 ON CONFLICT DO NOTHING",
        {"account_id": "u.id", "entered_by_id": "p.clerk", "entered_at": f"least({DECIDED} + interval '5 days', now())"}
        | {"changes": """'{"certificate_number": ["4127", "4128"]}'::jsonb"""},
    )


def _messages(cursor: CursorWrapper, begun: Begun) -> None:
    """The results of the last days: older texts are deleted."""
    result = Message(purpose=Message.Purpose.RESULT, template="result", provider="made-up", segments=3, send_at=None)
    at = "least(p.at + interval '1 minute', now())"
    accepted = f"CASE WHEN p.text_state = 'failed' THEN NULL ELSE {at} END"
    _spread(
        *(cursor, result),
        f"{FROM} WHERE h.decided IS NOT NULL AND p.at > now() - interval '{histories.MESSAGES_KEPT.days} days'",
        {"recipient": "p.mobile", "subject": "p.code", "reference": "'request:' || p.request", "state": "p.text_state"}
        | {"local_id": "p.n + 1", "created_at": at, "accepted_at": accepted, "followed_up_at": at},
    )


def _spread(cursor: CursorWrapper, row: models.Model, source: str, own: Mapping[str, str]) -> None:
    """A row like this unsaved one for each of the source's; `own`: column → what it holds instead, as SQL."""
    columns, values, params = [], [], []
    for field in row._meta.concrete_fields:
        column, value = str(field.column), field.value_from_object(row)
        if column in own:
            values.append(own[column])
        elif field.primary_key or isinstance(value, DatabaseDefault):
            continue  # the database has one
        else:
            values.append(f"%s::{field.db_type(connection)}")
            params.append(field.get_db_prep_save(value, connection))
        columns.append(column)
    cursor.execute(
        f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} {source}",
        params,
    )


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _know_them() -> None:
    """PostgreSQL chooses its ways by what it knows of the tables."""
    how = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
    with connection.cursor() as cursor:
        for model in (OtpChallenge, RegistrationRequest, RequestEvent, User, AccountEvent, IdentityChange, Message):
            cursor.execute(f"{how} {model._meta.db_table}")

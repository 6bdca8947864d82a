"""`manage.py import_registry`: what an operator sees, and what is in the tables afterwards."""

import datetime as dt
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from registration.identity import get_backend
from registration.identity.base import Applicant
from registration.models import CivilRecord, MobileOwner
from registration.registry import importer
from registration.registry.lines import stored_columns
from tests.people import national_code
from tests.registration.registry.importing import (
    ALI,
    ALI_LINE,
    BEFORE,
    HEADER,
    OMID,
    OMID_LINE,
    SARA,
    SARA_LINE,
    Imported,
    write,
)

pytestmark = pytest.mark.django_db


def owners() -> dict[str, str]:
    return dict(MobileOwner.objects.values_list("mobile", "national_code"))


def rows() -> list[tuple[object, ...]]:
    return [*CivilRecord.objects.order_by("pk").values_list(), *MobileOwner.objects.order_by("pk").values_list()]


def test_a_good_file_fills_both_tables(file: Path) -> None:
    run = Imported(file)
    assert (run.code, run.error, run.rejected) == (0, "", [])
    assert run.out == "people: added 3, changed 0, unchanged 0, rejected 0\nmobiles: added 3, moved 0, removed 0\n"
    ali = CivilRecord.objects.get(national_code=ALI)
    assert (ali.first_name, ali.first_name_key, ali.last_name, ali.last_name_key) == (
        "علی‌رضا",
        "علیرضا",
        "حسینی",
        "حسینی",
    )
    assert (ali.father_name, ali.gender, ali.birth_date) == ("حسین", "male", dt.date(1984, 1, 23))
    assert (ali.certificate_number, ali.certificate_serial) == ("4127", "073516")
    assert (ali.certificate_series_letter, ali.certificate_series_number, ali.is_alive) == ("الف", "12", True)
    omid = CivilRecord.objects.get(national_code=OMID)
    assert (omid.father_name, omid.certificate_serial, omid.is_alive) == ("", "", False)
    assert owners() == {"+989000000331": SARA, "+989000000334": SARA, "+989000000332": ALI}


def test_the_registrys_row_is_imported_whole() -> None:
    kept = {field.column for field in CivilRecord._meta.concrete_fields} - {"id"}
    assert kept == set(stored_columns()) - {"mobiles"}


def test_importing_again_changes_nothing(file: Path) -> None:
    Imported(file)
    before = rows()
    run = Imported(file)
    assert run.out == "people: added 0, changed 0, unchanged 3, rejected 0\nmobiles: added 0, moved 0, removed 0\n"
    assert rows() == before


def test_a_changed_line_changes_its_person_alone(file: Path) -> None:
    Imported(file)
    married = SARA_LINE.replace("احمدی", "احمدی راد").replace("418203", "418204")
    run = Imported(write(file, married, ALI_LINE))
    assert run.out.startswith("people: added 0, changed 1, unchanged 1, rejected 0\n")
    sara = CivilRecord.objects.get(national_code=SARA)
    assert (sara.last_name, sara.last_name_key, sara.certificate_serial) == ("احمدی راد", "احمدیراد", "418204")
    assert CivilRecord.objects.filter(national_code=OMID).exists()  # whom the file does not name stays


def test_what_a_source_stops_saying_is_emptied(file: Path) -> None:
    Imported(file)
    Imported(write(file, SARA_LINE.replace("رضا", "").replace("female", "")))
    sara = CivilRecord.objects.get(national_code=SARA)
    assert (sara.father_name, sara.gender) == ("", "")


def test_mobiles_follow_their_lines(file: Path) -> None:
    Imported(file)
    sold = SARA_LINE.replace("09000000331 09000000334", "09000000334 09000000335")
    bought = OMID_LINE + "09000000332"
    run = Imported(write(file, sold, ALI_LINE.replace("09000000332", ""), bought))
    assert run.out.endswith("mobiles: added 1, moved 1, removed 1\n")
    assert owners() == {"+989000000334": SARA, "+989000000335": SARA, "+989000000332": OMID}


def test_a_mobile_moves_from_somebody_whom_the_file_does_not_name(file: Path) -> None:
    Imported(file)
    run = Imported(write(file, OMID_LINE + "09000000331"))
    assert run.out.endswith("mobiles: added 0, moved 1, removed 0\n")
    assert owners() == {"+989000000331": OMID, "+989000000334": SARA, "+989000000332": ALI}


def test_bad_lines_are_reported_and_good_ones_saved(file: Path) -> None:
    bad = OMID_LINE.replace("امید", "Omid").replace("1340", "1480")
    run = Imported(write(file, SARA_LINE, bad, "", ALI_LINE))
    report = file.with_suffix(".rejected.csv")
    assert run.code == 1
    assert run.error == f"Lines rejected: 1, see {report}."
    assert run.out.startswith("people: added 2, changed 0, unchanged 0, rejected 1\n")
    header, line = run.rejected
    assert header == ["line", "problem", "reason", "row"]
    assert [line[0], line[1], line[3]] == ["3", "first_name.name birth_date.date", bad]
    assert line[2].startswith("first_name: ")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600  # it holds people's data


def test_a_repaired_file_leaves_no_old_report(file: Path) -> None:
    Imported(write(file, SARA_LINE, "x"))
    assert Imported(write(file, SARA_LINE)).rejected == []


def test_the_second_line_of_a_person_is_rejected(file: Path) -> None:
    twin = ALI_LINE.replace(ALI, SARA.removeprefix("00"))
    run = Imported(write(file, SARA_LINE, twin))
    assert run.code == 1
    assert [line[:2] for line in run.rejected[1:]] == [["3", "national_code.repeated_line"]]
    assert CivilRecord.objects.get().first_name == "سارا"


def test_a_mobile_of_two_people_is_the_first_ones(file: Path) -> None:
    run = Imported(write(file, SARA_LINE, ALI_LINE.replace("09000000332", "09000000332 +989000000331")))
    assert [line[:2] for line in run.rejected[1:]] == [["3", "mobiles.taken"]]
    assert owners() == {"+989000000331": SARA, "+989000000334": SARA}


def test_strict_saves_nothing_when_a_line_is_rejected(file: Path) -> None:
    run = Imported(write(file, SARA_LINE, "x"), "--strict")
    assert run.code == 1
    assert run.error.endswith("Nothing was saved.")
    assert len(run.rejected) == 2
    assert rows() == []
    assert Imported(write(file, SARA_LINE), "--strict").code == 0
    assert CivilRecord.objects.count() == 1


def test_check_saves_nothing(file: Path) -> None:
    run = Imported(file, "--check")
    assert (run.code, run.out) == (0, "accepted 3, rejected 0; nothing saved (--check)\n")
    run = Imported(write(file, SARA_LINE, "x"), "--check")
    assert (run.code, run.out) == (1, "accepted 1, rejected 1; nothing saved (--check)\n")
    assert len(run.rejected) == 2
    assert rows() == []


@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n")])
def test_files_of_other_systems_are_read(file: Path, encoding: str, end: str) -> None:
    assert Imported(write(file, SARA_LINE, ALI_LINE, encoding=encoding, end=end)).code == 0
    assert CivilRecord.objects.count() == 2


def test_a_last_line_without_its_end_counts(file: Path) -> None:
    file.write_text(HEADER + "\n" + SARA_LINE, encoding="utf-8")
    assert Imported(file).out.startswith("people: added 1,")


def test_a_line_that_is_not_utf8_is_rejected_alone(file: Path) -> None:
    file.write_bytes(f"{HEADER}\n{SARA_LINE}\n".encode() + ALI_LINE.replace("\u200c", "").encode("cp1256", "replace"))
    run = Imported(file)
    assert [line[:2] for line in run.rejected[1:]] == [["3", "encoding"]]
    assert CivilRecord.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        HEADER.replace(",alive", "").encode(),
        f"{HEADER},more\n{SARA_LINE}".encode(),
        HEADER.replace(",", ";").encode(),
        HEADER.encode("utf-16"),
        SARA_LINE.encode(),
        b"\x89PNG\r\n\x1a\n",
        b"x" * 50_000,
    ],
)
def test_what_is_no_registry_file_is_told_in_one_line(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with CaptureQueriesContext(connection) as queries:
        run = Imported(file)
    assert run.code == 2
    assert run.error.startswith(f"{file}: The first line ")
    assert [query for query in queries.captured_queries if "TABLE" in query["sql"]] == []
    assert "\n" not in run.error
    assert (run.out, run.rejected, rows()) == ("", [], [])


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    assert (Imported(tmp_path / "none.csv").code, Imported(tmp_path / "none.csv").error) == (
        2,
        f"{tmp_path / 'none.csv'}: No such file or directory",
    )
    assert Imported(tmp_path).error == f"{tmp_path}: Is a directory"


def test_a_report_that_cannot_be_written_stops_the_import(file: Path) -> None:
    file.with_suffix(".rejected.csv").mkdir()
    run = Imported(write(file, SARA_LINE, "x"))
    assert run.code == 2
    assert "people.rejected.csv" in run.error
    assert rows() == []


def test_a_database_that_refuses_saves_nothing_and_tells_no_values(file: Path) -> None:
    def fail(execute: object, sql: object, *args: object) -> object:
        if "mobileowner" in str(sql) and "INSERT" in str(sql):
            raise DatabaseError(f"Key (national_code)=({SARA})")
        return execute(sql, *args)  # type: ignore[operator]

    with connection.execute_wrapper(fail):
        run = Imported(file)
    assert run.code == 2
    assert run.error == "The database did not take the import (DatabaseError); nothing was saved."
    assert rows() == []


def test_the_sample_is_a_file_that_is_accepted(tmp_path: Path) -> None:
    out = StringIO()
    call_command("import_registry", "--sample", stdout=out)
    (tmp_path / "sample.csv").write_text(out.getvalue(), encoding="utf-8")
    run = Imported(tmp_path / "sample.csv")
    assert (run.code, run.rejected) == (0, [])
    assert run.out.startswith("people: added 3,")


def test_without_a_file_the_command_says_what_it_needs() -> None:
    with pytest.raises(CommandError) as error:
        call_command("import_registry")
    assert error.value.returncode == 2


def test_the_imported_are_found_by_the_backend(file: Path) -> None:
    Imported(file)
    sara = Applicant(
        national_code=SARA,
        mobile="+989000000334",
        first_name="سارا",
        last_name="احمدی",
        gender="female",
        birth_date=dt.date(1991, 8, 5),
        certificate_number=SARA,
        certificate_serial="418203",
        certificate_series_letter="ب",
        certificate_series_number="27",
    )
    assert get_backend().ownership(sara).ownership == "owned"
    assert get_backend().identity(sara).identity == "match"


def test_many_lines_are_imported_in_several_portions(file: Path) -> None:
    count = importer.LINES_AT_ONCE * 2 + 1
    codes = [national_code(n % 1000, office=500 + n // 1000) for n in range(count)]
    lines = (f"{BEFORE}{code},امید,کریمی,,male,1340/01/01,9,,,,1,0900{n:07}" for n, code in enumerate(codes))
    run = Imported(write(file, *lines))
    assert run.out.startswith(f"people: added {count}, changed 0")
    assert MobileOwner.objects.count() == count


def test_no_limit_of_pages_ends_a_long_import(file: Path) -> None:
    seen = []

    def note(execute: object, sql: object, *args: object) -> object:
        if "INSERT" in str(sql):
            with connection.connection.cursor() as cursor:
                seen.append(cursor.execute("SHOW statement_timeout").fetchone()[0])
        return execute(sql, *args)  # type: ignore[operator]

    with connection.execute_wrapper(note):
        Imported(file)
    assert seen == ["0", "0"]


def test_a_terminal_that_is_none_gets_no_control_characters(file: Path) -> None:
    error = StringIO()
    call_command("import_registry", str(file), stdout=StringIO(), stderr=error)
    assert error.getvalue() == ""
    assert [path.name for path in file.parent.iterdir()] == ["people.csv"]

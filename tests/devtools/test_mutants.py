import tomllib
from pathlib import Path

import pytest
from mutmut.mutation.file_mutation import mutate_file_contents

from accounts.models import SecurityQuestion, User
from devtools import forgetting, mutant_run, mutants
from sms.limits import sends
from tests import rows
from tests.accounts.helpers import make_account
from tests.sms.otp.challenges import begin

RULE = """
def rule(age):
    log.warning("asked for an age")
    if age < 18:
        raise ValueError(_("Too young"))
    return {"kind": "adult"}
"""


@pytest.mark.parametrize("room", mutants.ROOMS.values(), ids=mutants.ROOMS)
def test_what_the_table_names_is_there(room: mutants.Room) -> None:
    missing = [path for path in (*room.modules, *room.tests) if not (mutants.ROOT / path).is_file()]
    assert missing == []


def test_a_copy_holds_the_settings_and_the_tree_stays_as_it_is(tmp_path: Path) -> None:
    before = (mutants.ROOT / "pyproject.toml").read_text("utf-8")

    mutants.copy_tree(
        "registration/lifecycle/submission.py", ("tests/registration/lifecycle/test_submission.py",), tmp_path / "copy"
    )

    settings = tomllib.loads((tmp_path / "copy/pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    assert settings["only_mutate"] == ["registration/lifecycle/submission.py"]
    assert "registration" in settings["source_paths"]
    assert "templates" in settings["also_copy"]
    assert "\n@" not in (tmp_path / "copy/registration/lifecycle/submission.py").read_text("utf-8")
    assert (mutants.ROOT / "pyproject.toml").read_text("utf-8") == before


def test_texts_for_people_are_not_changed_and_other_texts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.copy_tree("sms/otp/codes.py", (), tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    mutant_run.leave_out_noise()

    mutated = mutate_file_contents("rule.py", RULE)

    assert "age <= 18" in mutated.code
    assert mutated.code.count('_("Too young")') == mutated.code.count("Too young")
    assert mutated.code.count('log.warning("asked for an age")') == mutated.code.count("log.")
    assert mutated.code.count('"XXadultXX"') == 1
    assert "ADULT" not in mutated.code


@pytest.mark.django_db
def test_what_a_function_has_kept_does_not_hide_the_mutants_of_what_it_calls() -> None:
    begin()
    assert sends._shape.cache_info().currsize > 0
    forgetting.pytest_collection_finish()
    forgetting.pytest_runtest_setup()
    assert sends._shape.cache_info().currsize == 0


def test_a_room_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["kitchen"]) == 2
    assert "No such room: kitchen. There are: otp," in capsys.readouterr().err


def test_the_table_counts_and_the_survivors_are_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [("a", "killed", ""), ("b", "timeout", ""), ("c", "survived", "-x\n+y"), ("d", "no tests", "-p\n+q")]

    mutants.report({"otp": results, "limits": []}, tmp_path / "new" / "survivors.diff")

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["otp", "4", "1", "2", "1", "50.0%"] in rows
    assert ["limits", "0", "0", "0", "0", "-"] in rows
    assert (tmp_path / "new" / "survivors.diff").read_text("utf-8") == (
        "# otp: c (survived)\n-x\n+y\n\n# otp: d (no tests)\n-p\n+q\n"
    )


@pytest.mark.django_db(transaction=True)
def test_what_a_test_ended_by_force_has_left_is_gone_before_the_next_one() -> None:
    make_account()
    questions = SecurityQuestion.objects.count()
    rows.forget()
    assert not User.objects.exists()
    assert SecurityQuestion.objects.count() == questions > 0
    rows.forget()

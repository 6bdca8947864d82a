"""The program behind `make mutants`: is there a test that fails when a rule is changed?

Each module of ROOMS gets a copy of the tree. There `devtools.mutant_run` changes one expression at a time and runs the
tests that reach it; two modules at once, with databases of their own in one PostgreSQL and one Redis. Arguments: rooms,
none for all. SURVIVORS: the file for the diffs of what no test noticed. The exit status is 0 whatever survives, 1 when
tests are red without a mutant, 2 for a room that does not exist. See docs/testing.md.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from devtools import embedded
from devtools.servers import running

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2
RESULTS = "mutants.json"  # what `devtools.mutant_run` writes
Results = list[tuple[str, str, str]]  # mutant, status (mutmut's word), diff of what survived


@dataclass(frozen=True)
class Room:
    """Modules with rules, and the tests that must notice a change in them: few and quick, they run for every mutant."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS = {
    "otp": Room(
        (
            *("sms/otp/challenge.py", "sms/otp/tries.py", "sms/otp/codes.py", "sms/otp/form.py"),
            *("sms/otp/asked.py", "sms/otp/session.py"),
        ),
        (
            *("tests/sms/otp/test_challenge.py", "tests/sms/otp/test_codes.py", "tests/sms/otp/test_resend.py"),
            *("tests/sms/otp/test_call.py", "tests/sms/otp/test_wrong_codes.py", "tests/sms/otp/test_session.py"),
            *("tests/sms/otp/test_form.py", "tests/sms/otp/test_asked.py", "tests/sms/otp/test_hold.py"),
            *("tests/sms/otp/test_ended.py", "tests/sms/otp/test_log.py", "tests/sms/test_gap.py"),
            "tests/sms/otp/test_tries.py",
        ),
    ),
    "lifecycle": Room(
        ("registration/lifecycle/decisions.py", "registration/lifecycle/submission.py"),
        (
            "tests/registration/lifecycle/test_decisions.py",
            "tests/registration/lifecycle/test_drafts.py",
            "tests/registration/lifecycle/test_submission.py",
            "tests/registration/lifecycle/test_taken.py",
            "tests/registration/lifecycle/test_turns.py",
            "tests/registration/lifecycle/test_two_words.py",
            "tests/registration/lifecycle/test_elsewhere.py",
            "tests/registration/desk/test_decisions.py",
            "tests/registration/wizard/test_double_click.py",
        ),
    ),
    "limits": Room(
        (
            *("sms/limits/allowances.py", "sms/limits/sends.py", "sms/limits/unconfirmed.py"),
            *("sms/limits/windows.py", "sms/limits/wrong_codes.py", "sms/limits/ledger.py", "infra/limits.py"),
        ),
        (
            *("tests/sms/test_limits.py", "tests/infra/test_limits.py", "tests/sms/otp/test_wrong_codes.py"),
            *("tests/sms/test_gap.py", "tests/sms/test_crowds.py", "tests/sms/otp/test_log.py"),
            *("tests/sms/test_unconfirmed.py", "tests/sms/otp/test_tries.py"),
            *("tests/attacks/test_pairs.py", "tests/attacks/test_crowds.py"),
        ),
    ),
    "compare": Room(
        ("registration/identity/compare.py", "registration/identity/name_spellings.py"),
        ("tests/registration/identity/test_compare.py", "tests/registration/identity/test_name_spellings.py"),
    ),
    "numbers": Room(("iran/numbers.py",), ("tests/iran/test_numbers.py",)),
    "passwords": Room(
        ("accounts/passwords/rules.py", "accounts/passwords/common.py"), ("tests/accounts/passwords/test_rules.py",)
    ),
    "questions": Room(("accounts/questions/rules.py",), ("tests/accounts/questions/test_rules.py",)),
}


def copy_tree(module: str, tests: tuple[str, ...], target: Path) -> None:
    """A copy of the tree where mutmut finds its settings. Only the copy is ever changed."""
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".*", "__pycache__", "build"))
    # mutmut leaves decorated functions alone. These decorators matter only to pages (for an error's report, and for the
    # way in which a limit comes back) and to speed.
    rules = target / module
    decorators = re.compile(r"^@(sensitive_variables\(\)|returns_limit|cache|lru_cache\(.*\))\n", re.MULTILINE)
    source = decorators.sub("", rules.read_text("utf-8"))
    rules.write_text(source, "utf-8")
    packages = {path.parent.name for path in target.glob("*/__init__.py")} - {"tests"}
    settings: dict[str, object] = {
        "source_paths": sorted(packages),
        "also_copy": sorted({path.name for path in target.iterdir()} - packages),
        "only_mutate": [module],
        "do_not_mutate_patterns": [r"^\s*log\."],
        "pytest_add_cli_args_test_selection": tests,
        # mutmut runs pytest again and again in one process, where pytest escapes a Persian name of a test once more
        # at each run, and then not find it.
        "pytest_add_cli_args": [
            *("-n0", "-p", "no:cacheprovider", "--reuse-db", "-p", "devtools.forgetting"),
            *("-o", "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true"),
        ],
    }
    # A mutant that never ends is stopped after (what its tests take without it + 10 s) * 5. Each fork sets up the
    # database first: on a busy machine that takes seconds, and would pass for a mutant that never ends.
    settings |= {"timeout_constant": 10, "timeout_multiplier": 5, "use_git_change_detection": False}
    with (target / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.writelines(["\n[tool.mutmut]\n", *(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())])


def mutate(directory: Path, postgres: str, redis: str, number: int, module: str, tests: tuple[str, ...]) -> Results:
    """What became of each mutant of a module; nothing, after a word on stderr, when its tests are red."""
    target = directory / str(number)
    copy_tree(module, tests, target)
    # pytest-django makes the database test_mutants_0; the one that is named need not exist.
    database = postgres.replace(f"/{embedded.NAME}?", f"/mutants_{number}?")
    done = subprocess.run(
        [sys.executable, "-m", "devtools.mutant_run"],
        cwd=target,
        env={**os.environ, "DATABASE_URL": database, "REDIS_URL": f"{redis.removesuffix('/0')}/{number}"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(f"{module}: its tests are red without a mutant.\n{(done.stdout + done.stderr)[-3000:]}", file=sys.stderr)
        return []
    results: Results = json.loads((target / RESULTS).read_text("utf-8"))
    print(f"{module}: {len(results)} mutants tried", flush=True)
    return results


def report(found: dict[str, Results], survivors: Path) -> None:
    """The table, and the file of survivors."""
    print(f"\n{'room':12}{'mutants':>9}{'killed':>9}{'survived':>10}{'timed out':>11}{'score':>8}")
    lived = []
    for room, results in found.items():
        became = Counter(status for _, status, _ in results)
        killed, late = became["killed"], became["timeout"]
        score = f"{(killed + late) / len(results):.1%}" if results else "-"
        print(f"{room:12}{len(results):9}{killed:9}{len(results) - killed - late:10}{late:11}{score:>8}")
        lived += [f"# {room}: {name} ({status})\n{diff}\n" for name, status, diff in results if diff]
    survivors.parent.mkdir(parents=True, exist_ok=True)
    survivors.write_text("\n".join(lived), "utf-8")
    print(f"\n{len(lived)} survivors: {survivors}")


def main(names: list[str]) -> int:
    if unknown := set(names) - set(ROOMS):
        print(f"No such room: {', '.join(sorted(unknown))}. There are: {', '.join(ROOMS)}.", file=sys.stderr)
        return 2
    jobs = [(name, module) for name in names or ROOMS for module in ROOMS[name].modules]
    jobs.sort(key=lambda job: (ROOT / job[1]).stat().st_size, reverse=True)  # the longest must not begin last
    with tempfile.TemporaryDirectory(prefix="portal-mutants-") as name:
        directory = Path(name)
        directory.chmod(0o711)  # PostgreSQL, which never runs as root, must get through to its own directory
        with (
            running(embedded.postgres(directory / "postgres", fsync=False)) as postgres,
            running(embedded.redis(directory / "redis")) as redis,
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):
            work = partial(mutate, directory, postgres.url, redis.url)
            done = list(
                pool.map(work, count(), (module for _, module in jobs), (ROOMS[room].tests for room, _ in jobs))
            )
    found: dict[str, Results] = {name: [] for name in names or ROOMS}
    for (room, _), results in zip(jobs, done, strict=True):
        found[room] += results
    report(found, Path(os.environ.get("SURVIVORS") or ROOT / ".portal/survivors.diff"))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

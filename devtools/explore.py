"""`make explore`: the random stories of the tests with a fresh seed each round, until MINUTES (20) are over.

SEED=… repeats one round. At the end a table of the stories; exit status 1 when one of them failed in any round.
"""

import os
import re
import secrets
import subprocess
import sys
import time
from collections import Counter

PYTEST = [sys.executable, "-m", "pytest", "-q", "-rpfE", "-m", "hypothesis", "--hypothesis-profile=explore"]
RESULT = re.compile(r"(PASSED|FAILED|ERROR) (\S+)")


def main() -> int:
    given = os.environ.get("SEED")
    until = time.monotonic() + 60 * float(os.environ.get("MINUTES") or 20)
    rounds, failures = Counter[str](), Counter[str]()
    broken = False
    while given or time.monotonic() < until:
        seed = given or str(secrets.randbelow(10**9))
        results, status = play(seed)
        rounds.update(story for _, story in results)
        failures.update(story for result, story in results if result != "PASSED")
        broken = broken or status != 0
        if given or not results:  # without any result nothing would come of another round either
            break
    print(table(rounds, failures))
    return 1 if broken or not rounds else 0


def play(seed: str) -> tuple[list[tuple[str, str]], int]:
    """One round with this seed: (PASSED, FAILED or ERROR; story) of each, and pytest's exit status."""
    print(f"seed {seed}; to repeat this round: SEED={seed} make explore", flush=True)
    workers = ["-n", os.environ.get("TEST_WORKERS") or "logical"]
    done = subprocess.run([*PYTEST, *workers, f"--hypothesis-seed={seed}"], stdout=subprocess.PIPE, encoding="utf-8")
    results = [(found[1], found[2]) for line in done.stdout.splitlines() if (found := RESULT.match(line))]
    print(done.stdout if done.returncode else f"  {len(results)} stories held", flush=True)
    return results, done.returncode


def table(rounds: Counter[str], failures: Counter[str]) -> str:
    lines = [f"{rounds[story]:6} {failures[story]:8}  {story}" for story in sorted(rounds)]
    return "\n".join(["rounds failures  story", *lines])


if __name__ == "__main__":
    sys.exit(main())

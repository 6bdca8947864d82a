"""Run mutmut in the working directory, a copy made by `devtools.mutants`, and write down what became of each mutant.

mutmut imports the tests once and forks for each mutant, so that one costs about as much as the tests that reach it.
"""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any, cast

import libcst
from mutmut.mutation import file_mutation, mutators

from devtools.mutants import RESULTS


def leave_out_noise() -> None:
    """No mutants of texts for people; of any other text one, not also one in capitals and one in small letters."""
    file_mutation.NEVER_MUTATE_FUNCTION_CALLS.update({"_", "cast"})
    operators, text = cast("list[Any]", mutators.mutation_operators), mutators.operator_string
    operators.remove((libcst.BaseString, text))
    operators.append((libcst.BaseString, lambda node: islice(text(node), 1)))


def main() -> None:
    """Write RESULTS. Exit status 1 when the tests are red before the first mutant or after the last."""
    from mutmut.__main__ import cli  # not by tests of this file: it sets how processes are started
    from mutmut.configuration import config
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.runners.harness import PytestRunner
    from mutmut.state import state
    from mutmut.stats import status_by_exit_code

    leave_out_noise()
    cli.main(["run", "--max-children", "1"], standalone_mode=False)
    # A mutant ended by force may leave rows behind, or pytest not find a test by its name: both would "kill" mutants.
    if PytestRunner().run_tests(mutant_name=None, tests=state().duration_by_test):
        sys.exit("The tests are red after the last mutant, so what they said of the mutants is worth nothing.")
    results = []
    for path in config().only_mutate:
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            diff = "" if status in {"killed", "timeout"} else get_diff_for_mutant(name, path=path)
            results.append((name, status, diff))
    Path(RESULTS).write_text(json.dumps(results), "utf-8")


if __name__ == "__main__":
    main()

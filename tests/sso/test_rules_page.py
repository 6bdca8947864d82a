"""docs/security/services.md: every rule and module has tests, and they are there."""

import ast
import re

from tests.source_code import ROOT, tree

PAGE = (ROOT / "docs/security/services.md").read_text("utf-8")
TESTS = {
    node.name
    for path in (ROOT / "tests/sso").rglob("test_*.py")
    for node in ast.walk(tree(path))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}


def test_each_rule_and_module_names_tests_that_there_are() -> None:
    rows = re.findall(r"^\| (?:[0-9]+|`oidcc-[^|]*) \|.*$", PAGE, re.MULTILINE)
    named = [set(re.findall(r"`(test_\w+)`", row)) for row in rows]
    assert all(named), [row for row, tests in zip(rows, named, strict=True) if not tests]
    assert set().union(*named) <= TESTS
    assert re.findall(r"^\| ([0-9]+) \|", PAGE, re.MULTILINE) == [str(number) for number in range(1, 29)]


def test_no_module_of_the_four_plans_is_left_out() -> None:
    modules = re.findall(r"`(oidcc-[a-z0-9-]+)`", PAGE)
    assert len(modules) == len(set(modules)) == 1 + 38 + 11 + 2
    assert {name for name in TESTS if name.startswith("test_oidcc_")} - set(re.findall(r"`(test_\w+)`", PAGE)) == OURS


# Of the plans' subjects, but asked by no module of theirs with static clients.
OURS = {
    "test_oidcc_answers_come_in_the_query",
    "test_oidcc_ensure_redirect_uri_in_authorization_request",
    "test_oidcc_max_age_is_a_number",
    "test_oidcc_prompt_none_stands_alone",
    "test_oidcc_prompt_none_without_consent",
    "test_oidcc_redirect_uri_query_is_kept",
    "test_oidcc_scope_without_openid",
}

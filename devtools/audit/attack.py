"""Scanners that attack, signed in and out: wapiti all pages it finds, sqlmap every field that reaches a query."""

import http.client
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from devtools.audit.findings import BUILD, ROOT, Finding, Outcome
from devtools.audit.portal import INSIDE, Scanned, header

# Of wapiti's modules those that need neither the network nor weeks. The others ask services outside.
MODULES = "cookieflags,crlf,csp,csrf,exec,file,http_headers,htaccess,ldap,permanentxss,redirect,shellshock,sql,xss"
SCAN_SECONDS, ATTACK_SECONDS = 90, 20
# What would end the session that is being scanned.
LEFT_OUT = ("/accounts/logout/", "/desk/logout/", "/accounts/profile/devices/*", "/language/")
FEWEST_PAGES, FEWEST_BEHIND = 5, 4

SQLMAP_SECONDS = 240
NOT_INJECTABLE = "all tested parameters do not appear to be injectable"
INJECTABLE = "identified the following injection point"
# Of a request that sqlmap did not get through to the form: not signed in, no token, a limit, no service.
REFUSALS = {401, 403, 429, 503}
CODE = "0019990411"  # its check digit is right, it is nobody's
CONTACT = (
    f"registration-current_step=contact&contact-national_code={CODE}&contact-operator=mci&contact-mobile=09970000001"
)
QUESTIONS = "&".join(f"question_{number}=1&answer_{number}=x" for number in (1, 2, 3))


Answer = tuple[str, str, int]  # method, path, status


class Target(NamedTuple):
    """One form or address. `who`: whose browser. `fields`: as they are sent; those that sqlmap tries are in `tried`."""

    who: str
    path: str
    fields: str
    tried: str
    by_post: bool = True


DESK_LIST = "/desk/registration/registrationrequest/"
TARGETS = (
    Target("stranger", "/portal/registration/", CONTACT, "contact-national_code,contact-operator,contact-mobile"),
    Target(
        "stranger",
        "/registration/track/",
        f"national_code={CODE}&tracking_code=123456789012",
        "national_code,tracking_code",
    ),
    Target("stranger", "/accounts/login/", f"national_code={CODE}&password=x&next=%2F", "national_code,next"),
    Target("stranger", "/accounts/recover/", f"national_code={CODE}&mobile=09970000001", "national_code,mobile"),
    Target("stranger", "/branches/", "province=x&city=x", "province,city", by_post=False),
    Target("stranger", "/desk/login/", f"username={CODE}&password=x", "username"),
    Target("citizen", "/accounts/profile/mobile/", "current_password=x&mobile=09970000002", "mobile"),
    Target("citizen", "/accounts/profile/email/", "email=a%40example.com", "email"),
    Target("citizen", "/accounts/profile/questions/", f"current_password=x&{QUESTIONS}", "question_1,answer_1"),
    Target("clerk", DESK_LIST, "status=all&when=today&q=x&p=1", "status,when,q,p", by_post=False),
    Target("clerk", f"{DESK_LIST}find/", "q=x", "q"),
    Target("clerk", "/desk/accounts/branch/", "q=x", "q", by_post=False),
)


def wapiti(bin_directory: Path, portal: Scanned) -> Iterator[Outcome]:
    """Once as a stranger, once as a citizen, once as a clerk."""
    for who, inside in INSIDE.items():
        report, stored = BUILD / f"wapiti-{who}.json", BUILD / "wapiti"
        report.unlink(missing_ok=True)
        command = [str(bin_directory / "wapiti"), "--url", f"{portal.address}/", "--scope", "folder"]
        command += ["--start", f"{portal.address}{inside}", "--cookie-value", header(portal.cookies(who))]
        command += ["--module", MODULES, "--max-scan-time", str(SCAN_SECONDS), "--max-attack-time", str(ATTACK_SECONDS)]
        command += [option for path in LEFT_OUT for option in ("--exclude", f"{portal.address}{path}")]
        command += ["--flush-session", "--no-bugreport", "--store-session", str(stored), "--store-config", str(stored)]
        command += ["--format", "json", "--output", str(report), "--verbose", "0"]
        before = portal.log.stat().st_size
        ended = subprocess.run(command, cwd=BUILD, capture_output=True, encoding="utf-8", check=False)
        answers = portal.answers(before)
        if report.exists():
            yield wapiti_outcome(who, json.loads(report.read_text("utf-8")), answers)
        else:
            problem = f"it left no report; it said last: {ended.stdout.strip()[-200:]}"
            yield Outcome(f"wapiti as {who}", "nothing", problem=problem)


def wapiti_outcome(who: str, report: dict[str, Any], answers: list[Answer]) -> Outcome:
    """`answers`: those of the portal while it was scanned."""
    found = [
        Finding("wapiti", rule, f"{one['method']} {one['path']}", one["parameter"] or "", text=one["info"])
        for kind in ("vulnerabilities", "anomalies")
        for rule, several in report[kind].items()
        for one in several
    ]
    pages = {path for _, path, status in answers if status == http.client.OK and not path.startswith("/static/")}
    behind = {path for path in pages if who != "stranger" and path.startswith(INSIDE[who])}
    problem = ""
    if len(pages) < FEWEST_PAGES or (who != "stranger" and len(behind) < FEWEST_BEHIND):
        problem = (
            f"as {who} it saw {len(pages)} pages, {len(behind)} of them behind the sign-in: too few to mean anything"
        )
    looked_at = f"{len(answers)} requests, {len(pages)} pages, {len(behind)} behind the sign-in"
    return Outcome(f"wapiti as {who}", looked_at, [*found, *_faults("wapiti", answers)], problem)


def sqlmap(bin_directory: Path, portal: Scanned) -> Iterator[Outcome]:
    for target in TARGETS:
        url = f"{portal.address}{target.path}"
        command = [str(bin_directory / "sqlmap"), "--batch", "--flush-session", "--dbms", "PostgreSQL"]
        command += ["--level", "2", "--risk", "2", "--disable-coloring", "--output-dir", str(BUILD / "sqlmap")]
        command += ["--time-limit", str(SQLMAP_SECONDS), "-p", target.tried]
        cookies = portal.cookies(target.who)
        command += ["--cookie", header(cookies), "--drop-set-cookie"]
        if target.by_post:
            command += ["--url", url, "--data", f"{target.fields}&csrfmiddlewaretoken={cookies['csrf']}"]
        else:
            command += ["--url", f"{url}?{target.fields}"]
        before = portal.log.stat().st_size
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
        (BUILD / f"sqlmap{target.path.replace('/', '-')}.log").write_text(ended.stdout, "utf-8")
        yield sqlmap_outcome(target, ended.stdout, portal.answers(before), inside=portal.is_inside(target.who))


def sqlmap_outcome(target: Target, said: str, answers: list[Answer], *, inside: bool = True) -> Outcome:
    """`said`: all that it printed. `answers`: those of the portal meanwhile. `inside`: still signed in."""
    name = f"sqlmap as {target.who}"
    looked_at = f"{'POST' if target.by_post else 'GET'} {target.path}: {target.tried}, {len(answers)} requests"
    found = _faults("sqlmap", answers)
    if INJECTABLE in said:
        parameters = re.findall(r"^Parameter: (\S+)", said, re.MULTILINE)
        found += [Finding("sqlmap", "injection", target.path, parameter) for parameter in parameters]
    refused = sum(status in REFUSALS for _, _, status in answers)
    problem = ""
    if NOT_INJECTABLE not in said and INJECTABLE not in said:
        lines = [line for line in said.splitlines() if re.match(r"\[[0-9:]+\]", line)]
        problem = f"{target.path}: it did not come to its end: {(lines or ['it said nothing'])[-1]}"
    elif not inside:
        problem = f"{target.path}: the session had ended before it was done"
    elif not answers or refused > len(answers) / 10:
        problem = f"{target.path}: {refused} of {len(answers)} requests were turned away before any field was read"
    return Outcome(name, looked_at, found, problem)


def _faults(tool: str, answers: list[Answer]) -> list[Finding]:
    """A page that fails is a finding, whatever made it fail."""
    failed = sorted({(method, path) for method, path, status in answers if status == http.client.INTERNAL_SERVER_ERROR})
    return [Finding(tool, "500", f"{method} {path}") for method, path in failed]

"""`python -m devtools.audit [SCANNER…]`: `make audit`, `make audit ONLY="bandit pip-audit"`. Needs Linux.

Exit status: 0 every finding is explained, 1 some are open, 2 a scanner did not do its work.
"""

import sys
from collections.abc import Iterator

from devtools.audit import source
from devtools.audit.environments import environment
from devtools.audit.findings import Outcome, report
from devtools.servers import exit_with

READERS = {"bandit": source.bandit, "detect-secrets": source.secrets, "pip-audit": source.packages}
ATTACKERS = ("wapiti", "sqlmap")
VISITORS = ("lighthouse",)


def main(names: list[str]) -> int:
    everybody = [*READERS, *VISITORS, *ATTACKERS]
    unknown = set(names) - set(everybody)
    if unknown:
        print(
            f"No such scanner: {' '.join(sorted(unknown))}. There are: {' '.join(everybody)}.",
            file=sys.stderr,
        )
        return 2
    chosen = names or everybody
    outcomes = []
    for outcome in _outcomes(chosen):
        print(f"{outcome.tool}: {outcome.looked_at}, {len(outcome.findings)} findings", flush=True)
        outcomes.append(outcome)
    print()
    return report(outcomes)


def _outcomes(chosen: list[str]) -> Iterator[Outcome]:
    for name in chosen:
        if name in READERS:
            yield READERS[name](environment("audit"))
    visitors, attackers = ([name for name in chosen if name in group] for group in (VISITORS, ATTACKERS))
    if not visitors and not attackers:
        return
    from devtools.audit import attack, lighthouse_scan  # only now: a reader needs no servers
    from devtools.audit.portal import portal

    with portal() as scanned:
        if visitors:  # before somebody attacks: it measures
            yield lighthouse_scan.scan(scanned)
        for name in attackers:
            commands = environment("attack")
            yield from (attack.wapiti if name == "wapiti" else attack.sqlmap)(commands, scanned)


if __name__ == "__main__":
    exit_with(main)

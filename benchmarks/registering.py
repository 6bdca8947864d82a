"""What one whole registration costs the servers: from the first page to the text message with the result."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

from benchmarks import cpu
from benchmarks.browser import register
from benchmarks.people import Citizen, a_question, introduce
from benchmarks.phones import PATIENCE, Phones
from benchmarks.stack import Services, web, workers
from benchmarks.tables import ROUNDS, median, progress, scaled, table, times
from devtools.servers import until
from tests.stand_ins import jibit
from tests.stand_ins.jibit import Jibit

CITIZENS, CLIENTS = scaled(40), 8
HASHES = 2  # of the password and of the answers

PARTS = ("web", "workers", "PostgreSQL", "Redis")


def run(services: Services) -> None:
    question, numbers = a_question(), count()
    with Phones() as phones, Jibit() as registry:
        settings = {
            "IDENTITY_BACKEND": "jibit",
            "JIBIT_BASE_URL": f"{registry.base_url}/ide",
            "JIBIT_API_KEY": jibit.API_KEY,
            "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
            **phones.environment,
        }
        with web(services, settings) as server, workers(services, settings) as pids:
            trees = {
                "web": [server.pid],
                "workers": pids,
                "PostgreSQL": [services.postgres.pid],
                "Redis": [services.redis.pid],
            }

            def one_round(citizens: int) -> dict[str, float]:
                people = [Citizen(next(numbers)) for _ in range(citizens)]
                introduce(registry, *people)
                before, decided = {part: cpu.spent(*pids) for part, pids in trees.items()}, phones.results
                with ThreadPoolExecutor(CLIENTS) as clients:
                    list(clients.map(lambda citizen: register(server.port, citizen, question, phones), people))
                if not until(lambda: phones.results == decided + citizens, PATIENCE):
                    raise TimeoutError("a result did not come")
                return {part: (cpu.spent(*pids) - before[part]) / citizens for part, pids in trees.items()}

            one_round(CLIENTS * 2)  # every process has seen every page
            rounds, hashes = [], []
            for number in range(ROUNDS):
                progress(f"registration: round {number + 1} of {ROUNDS}, {CITIZENS} citizens")
                hashes.append(cpu.of_one_hash())
                rounds.append(one_round(CITIZENS))
    _show(rounds, hashes)


def _show(rounds: list[dict[str, float]], hashes: list[float]) -> None:
    def row(name: str, parts: tuple[str, ...]) -> list[str]:
        spent = [sum(figures[part] for part in parts) for figures in rounds]
        ratios = [figure / one for figure, one in zip(spent, hashes, strict=True)]
        return [
            name,
            f"{median(spent) * 1000:.1f}",
            f"{median(ratios):.2f} ×",
            f"{median(ratios) / HASHES:.2f} ×",
            f"{min(ratios) / HASHES:.2f}–{max(ratios) / HASHES:.2f}",
        ]

    table(
        "Server CPU per registration",
        ("", "CPU ms", "÷ one password hash", f"÷ its {HASHES} hashes", "range"),
        [
            *(row(part, (part,)) for part in PARTS),
            row("**all**", PARTS),
            row("without the workers", PARTS[:1] + PARTS[2:]),
        ],
        f"Three-step, {CITIZENS} citizens a round, {CLIENTS} at once, {ROUNDS} rounds; codes and results by Kavenegar, "
        f"identity by Jibit (stand-ins, not counted). Reference: one hash takes {median(hashes) * 1000:.1f} ms of CPU "
        f"({times(median(hashes) * HASHES, median(sum(figures.values()) for figures in rounds))} of all are hashes).",
    )

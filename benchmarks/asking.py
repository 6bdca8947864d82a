"""`python -m benchmarks.asking URL TOKEN NATIONAL_CODE MOBILE N`: the two questions to Jibit N times, and no more.

Prints the seconds. What a worker process could do at best that asks one thing after the other, as ours do.
"""

import datetime as dt
import sys
import time
from typing import Any

import httpx

BORN = "13621103"
# How the requests of this benchmark describe everybody: as the registry does (benchmarks.people).
DESCRIBED: dict[str, Any] = {
    "first_name": "نرگس",
    "last_name": "بهرامی",
    "birth_date": dt.date(1984, 1, 23),  # 3 Bahman 1362
}


def main(url: str, token: str, national_code: str, mobile: str, number: str) -> None:
    with httpx.Client(base_url=f"{url}/ide/v1/services", headers={"Authorization": f"Bearer {token}"}) as client:

        def ask() -> None:
            client.get("/matching", params={"nationalCode": national_code, "mobileNumber": mobile}).raise_for_status()
            client.get("/identity", params={"nationalCode": national_code, "birthDate": BORN}).raise_for_status()

        ask()
        before = time.perf_counter()
        for _ in range(int(number)):
            ask()
        sys.stdout.write(f"{time.perf_counter() - before:.6f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`python -m benchmarks.asking URL TOKEN NATIONAL_CODE MOBILE N`: the two questions to Jibit N times, and no more.

Prints the seconds. What a worker process could do at best that asks one thing after the other, as ours do.
"""

import datetime as dt
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

BORN = "13621103"
# How the requests of this benchmark describe everybody: as the registry does (benchmarks.people).
DESCRIBED: dict[str, Any] = {
    "first_name": "نرگس",
    "last_name": "بهرامی",
    "birth_date": dt.date(1984, 1, 23),  # 3 Bahman 1362
}


def main(url: str, token: str, national_code: str, mobile: str, number: str) -> None:
    with closing(HTTPConnection(urlsplit(url).netloc)) as connection:

        def question(service: str, **params: str) -> None:
            path = f"/ide/v1/services/{service}?{urlencode(params)}"
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")

        def ask() -> None:
            question("matching", nationalCode=national_code, mobileNumber=mobile)
            question("identity", nationalCode=national_code, birthDate=BORN)

        ask()
        before = time.perf_counter()
        for _ in range(int(number)):
            ask()
        sys.stdout.write(f"{time.perf_counter() - before:.6f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

from collections.abc import Iterator

import pytest

from infra import http
from tests.infra.asking import Echo


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as stand_in:
        yield stand_in
        http.close()

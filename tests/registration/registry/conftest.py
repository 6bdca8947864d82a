from pathlib import Path

import pytest

from tests.registration.registry.importing import ALI_LINE, OMID_LINE, SARA_LINE, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "people.csv", SARA_LINE, ALI_LINE, OMID_LINE)

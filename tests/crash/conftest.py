import pytest
from running import Running, running


@pytest.fixture(scope="module")
def caselli(tmp_path_factory) -> Running:
    yield from running(tmp_path_factory.mktemp("crash") / "home")

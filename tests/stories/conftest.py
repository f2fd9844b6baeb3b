import pytest
from running import Running, running


@pytest.fixture(scope="session")
def caselli(tmp_path_factory) -> Running:
    """One Caselli for all stories: started as a newcomer starts it."""
    yield from running(tmp_path_factory.mktemp("story") / "home")

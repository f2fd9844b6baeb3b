import pytest
from running import Running, running


@pytest.fixture(scope="session")
def caselli() -> Running:
    """One Caselli for all stories: started as a newcomer starts it."""
    yield from running()

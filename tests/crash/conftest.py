import pytest
from running import Running, running


@pytest.fixture(scope="module")
def caselli() -> Running:
    yield from running(mail_processes=2)

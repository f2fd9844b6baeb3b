"""The whole command settles the logs of its process; here that is the process of the tests."""

import logging

import pytest


@pytest.fixture(autouse=True)
def logs_end_with_the_test():
    """Else they would go on to the stream that was this test's standard error, and is closed."""
    yield
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if type(one) is not logging.StreamHandler]

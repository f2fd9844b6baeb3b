import gc

from caselli.project.standing import settle


def test_what_stands_is_left_alone_by_the_collector():
    settle()
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()

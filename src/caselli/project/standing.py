"""What stands for the whole life of a process: loaded before the first request, and left alone by the collector."""

import gc

from django.urls import reverse


def settle() -> None:
    """Once, when everything is imported.

    A full collection goes through all objects that stand: 150 ms in which no page is served, in the middle of one.
    """
    reverse("login")  # reads all addresses, and with them all views
    gc.collect()
    gc.freeze()

"""Trunks to the built-in answering machine: the only ones for faxes of sandbox keys. Where a trunk leads says whether
it is one of them, and nothing else: a mark that outlived a change of its host would let such a fax out.
"""

from typing import Any

from django.conf import settings
from django.db.models import Q

from caselli.directory import set_up
from caselli.directory.set_up import Step
from caselli.store.models import Trunk

NAME = "Answering machine"
NUMBERS = "+120255501"
"""The numbers that the numbering plan keeps for fiction (+1 202 555 0100 to 0199)."""
_LAST = 1_000
_NOT_YET = frozenset({Step.ADMINISTRATOR, Step.ORGANIZATION, Step.EXTENSION, Step.TRUNK})


def told(host: str, port: int) -> dict[str, Any]:
    """What such a trunk is; with the login that number 0110 of the machine asks for."""
    return {
        "name": NAME,
        "host": host,
        "port": port,
        "username": "fax",
        "password": "caselli",
        "channels": 30,
        "prefix": NUMBERS,
    }


def leads_there(trunk: Trunk) -> bool:
    machine = settings.CONFIGURATION.machine_sip
    return (trunk.host, trunk.port) == (machine.host, machine.port)


def settle() -> None:
    """At each start: mark those that lead to the machine, and only them. Where none does, make one for everybody, the
    last in the order, as soon as the server has a trunk of its own.
    """
    machine = settings.CONFIGURATION.machine_sip
    there = Q(host=machine.host, port=machine.port)
    wrong = Trunk.objects.filter(there, sandbox=False) | Trunk.objects.exclude(there).filter(sandbox=True)
    for trunk in wrong.order_by("id"):  # as a claim locks them: several in one statement have no order
        Trunk.objects.filter(pk=trunk.pk).update(sandbox=not trunk.sandbox)
    if not Trunk.objects.filter(sandbox=True).exists() and set_up.next_step() not in _NOT_YET:
        Trunk.objects.create(**told(machine.host, machine.port), position=_LAST, sandbox=True)

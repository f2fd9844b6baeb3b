"""The commands, loaded when they are called: ``caselli --help`` needs no database library."""

import argparse


def demo(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import demonstration

    return demonstration.show(arguments)


def send(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import send

    return send.send(arguments)


def faxes(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import listing

    return listing.faxes(arguments)


def show(arguments: argparse.Namespace) -> int:
    from caselli.doors.console import listing

    return listing.show(arguments)

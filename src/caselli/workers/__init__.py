"""Processes: loops and wiring only."""

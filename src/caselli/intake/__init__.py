"""It comes in: one verb behind all doors."""

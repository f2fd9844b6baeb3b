"""Caselli: a fax system that really faxes."""

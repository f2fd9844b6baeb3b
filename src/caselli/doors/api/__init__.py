"""What programs speak to: the REST API under ``/api/v1``."""

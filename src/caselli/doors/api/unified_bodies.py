"""What the bodies of the UnifiedAPI service may be while they stream in (project/body.py), and the no to one."""

from caselli.doors.api.unified_errors import OURS, TOO_SLOW, UNAVAILABLE, body
from caselli.intake.rules import IntakeLimits

PREFIXES = ("/uapi", "/unifiedapi")
_FOLDERS = tuple(f"{prefix}/" for prefix in PREFIXES)
_UPLOADS = tuple(f"{prefix}/uploads/" for prefix in PREFIXES)
_MOST_FILES = 10
_TEXT = 1_000_000
_FILE_BYTES = IntakeLimits(recipients=0, files=0).file_bytes
LARGEST_FORM = 2 * _MOST_FILES * _FILE_BYTES
"""Bytes: more than the largest fax, so that what is a little too large is refused by the name of its file."""
LARGEST_FILE = _FILE_BYTES + _TEXT
_CODES = {408: TOO_SLOW.code, 413: "request_too_large", 503: UNAVAILABLE.code, 507: OURS.code}


def is_ours(path: str) -> bool:
    return path.startswith(_FOLDERS) or path in PREFIXES


def largest(path: str, content_type: str) -> int | None:
    """None: it is no address of this service."""
    if not is_ours(path):
        return None
    if path.startswith(_UPLOADS):
        return LARGEST_FILE
    return LARGEST_FORM if content_type.strip().lower().startswith("multipart/") else 2 * _TEXT


def told(path: str, status: int, words: str) -> tuple[str, bytes] | None:
    """Content-Type and body of the answer that refuses a body."""
    if not is_ours(path):
        return None
    return "application/json", body(_CODES.get(status, "request_invalid"), words)

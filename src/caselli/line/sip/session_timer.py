"""Session timers (RFC 4028): when to refresh the session, and when to believe that the far end is gone."""

import re
from dataclasses import dataclass

from caselli.line.sip.message import Headers, Request, Response

WANTED = 1800
LEAST = 90


def seconds_of(headers: Headers, name: str) -> int | None:
    """The number of Session-Expires or Min-SE; None when it is not there."""
    match = re.match(r"\s*(\d{1,9})", headers.get(name) or "")
    return int(match[1]) if match else None


def refresher_of(headers: Headers) -> str | None:
    match = re.search(r";\s*refresher\s*=\s*(uac|uas)", headers.get("Session-Expires") or "", re.IGNORECASE)
    return match[1].lower() if match else None


@dataclass(slots=True)
class SessionTimer:
    """``interval``: seconds agreed, 0 for none. ``ours``: this end refreshes. ``at``: when to do so, or to give up."""

    wanted: int = WANTED
    interval: int = 0
    ours: bool = False
    at: float | None = None

    def request_fields(self) -> tuple[tuple[str, str], ...]:
        """For an INVITE or UPDATE of ours. In a session with a timer its refresher stays who it is (RFC 4028 7.4)."""
        if self.interval:
            refresher = "uac" if self.ours else "uas"
            return ("Session-Expires", f"{self.interval};refresher={refresher}"), ("Min-SE", str(LEAST))
        return ("Session-Expires", str(self.wanted)), ("Min-SE", str(LEAST))

    def raise_to(self, response: Response) -> bool:
        """A 422 names the least it takes (RFC 4028 7.3). False when it does not, or asks for what it had."""
        least = seconds_of(response.headers, "Min-SE")
        if least is None or least <= max(self.interval, self.wanted if not self.interval else 0):
            return False
        self.wanted = least
        if self.interval:
            self.interval = least
        return True

    def confirmed(self, response: Response, now: float) -> None:
        """A 2xx to our INVITE or UPDATE: it says what holds from now on; without the header there is no timer."""
        self.interval = seconds_of(response.headers, "Session-Expires") or 0
        self.ours = refresher_of(response.headers) != "uas"
        self._set(now)

    def too_small(self, request: Request) -> bool:
        """Must it be refused by 422? Only who knows the extension understands that (RFC 4028 9)."""
        asked = seconds_of(request.headers, "Session-Expires")
        return asked is not None and asked < LEAST and "timer" in request.headers.tokens("Supported")

    def accept(self, request: Request, now: float) -> tuple[tuple[str, str], ...]:
        """An INVITE or UPDATE of the far end; returns the fields for its 2xx (RFC 4028 9, table 2)."""
        asked = seconds_of(request.headers, "Session-Expires")
        knows = "timer" in request.headers.tokens("Supported")
        if asked is None:
            self.interval, self.at = 0, None
            return ()
        self.interval = max(asked, LEAST, seconds_of(request.headers, "Min-SE") or 0)
        refresher = (refresher_of(request.headers) or "uac") if knows else "uas"
        self.ours = refresher == "uas"
        self._set(now)
        expires = ("Session-Expires", f"{self.interval};refresher={refresher}")
        return (("Require", "timer"), expires) if knows else (expires,)

    def postpone(self, now: float, seconds: float) -> None:
        """The refresh could not be done now: try again soon."""
        self.at = now + seconds

    def _set(self, now: float) -> None:
        if not self.interval:
            self.at = None
        elif self.ours:
            self.at = now + self.interval / 2
        else:
            # RFC 4028 10: hang up a little before the far end's last moment.
            self.at = now + self.interval - min(32.0, self.interval / 3)

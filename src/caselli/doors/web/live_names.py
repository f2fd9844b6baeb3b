"""The name under which a page listens for a fax: says nothing about how many faxes there are."""

from django.utils.crypto import salted_hmac


def live_name(fax_id: int) -> str:
    return salted_hmac("caselli.doors.web.live", str(fax_id), algorithm="sha256").hexdigest()[:20]

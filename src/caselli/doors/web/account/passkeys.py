"""Where passkeys work: browsers offer them to names only, by HTTPS or on this machine itself."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.http import HttpRequest


def why_not(request: HttpRequest) -> str:
    """Why no passkey can be used at this address, and what to do; empty when one can."""
    here = urlsplit(f"//{request.get_host()}")
    host = here.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if request.is_secure() or host == "localhost" or host.endswith(".localhost"):
            return ""
        return f"Passkeys need an encrypted address. Open https://{host} instead, or ask your administrator for one."
    port = f":{here.port}" if here.port else ""
    scheme = request.scheme or "http"
    if ip_address(host).is_loopback:
        return f"Passkeys do not work with {host}. Open {scheme}://localhost{port} instead."
    return f"Passkeys do not work with {host}: ask your administrator for an address with a name and HTTPS."

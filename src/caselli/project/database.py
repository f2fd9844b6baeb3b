"""Where PostgreSQL is: the private cluster in the home, or the server that CASELLI_DATABASE_URL names."""

import getpass
from urllib.parse import parse_qsl, unquote, urlsplit

from caselli.project.configuration import Configuration, ConfigurationError

DATABASE_NAME = "caselli"
DATABASE_USER = "caselli"


def parse_url(url: str) -> dict[str, object]:
    """``postgresql://user:password@host:port/name?sslmode=require`` as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ConfigurationError(
            "CASELLI_DATABASE_URL is not usable: give postgresql://user:password@host:5432/name, "
            "or leave it empty for Caselli's own database"
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or getpass.getuser()),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def django_database(configuration: Configuration) -> dict[str, object]:
    if configuration.database_url:
        database = parse_url(configuration.database_url)
    else:
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE_NAME,
            "USER": DATABASE_USER,
            "HOST": str(configuration.socket_folder),
            "OPTIONS": {},
        }
    return database | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": None}

"""Django's settings, from :mod:`caselli.project.configuration`. Nothing else reads the environment."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from caselli.project import configuration

CONFIGURATION = configuration.load()
PACKAGE = Path(__file__).resolve().parent.parent


def _secret_key() -> str:
    """The signing key lives in the home, made at first use; a race ends at the link, where it is whole or not there."""
    path = CONFIGURATION.home / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")  # made 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()
    return path.read_text()


def _databases() -> dict[str, dict[str, object]]:
    from caselli.project.database import django_database

    return {"default": django_database(CONFIGURATION)}


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = _databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "store.User"
ROOT_URLCONF = "caselli.project.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "heroicons",
    "procrastinate.contrib.django",
    "oauth2_provider",
    "caselli.store",
    "caselli.doors.web",
    "allauth",  # after our own pages: whose templates come first, and whose tables refer to which
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "caselli.doors.web.middleware.proxy.TrustedProxy",
    "django.middleware.security.SecurityMiddleware",
    "caselli.doors.web.middleware.transport.SecureTransport",
    "caselli.doors.api.door.ApiDoor",  # goes no further: no session, no cookie
    "caselli.doors.api.unified_door.UnifiedDoor",  # nor this one
    "caselli.doors.web.static_files.ServeStaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "caselli.doors.web.middleware.sessions.SessionLimits",
    "allauth.account.middleware.AccountMiddleware",
    "caselli.doors.web.middleware.refused.RefusedForms",
    "caselli.doors.web.middleware.second_factor.SecondFactorFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "caselli.doors.web.middleware.nul.NoNul",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# A cookie is marked Secure by the request that sets it (middleware/transport.py): plain HTTP on loopback works too.
_PUBLIC = urlsplit(CONFIGURATION.public_url)
CSRF_TRUSTED_ORIGINS = [f"https://{_PUBLIC.netloc}"] if _PUBLIC.scheme == "https" else []
SESSION_COOKIE_AGE = 14 * 86_400  # at most; and middleware/sessions.py ends what rests too long
# Attempts are counted in the database: one count for all processes and machines that serve pages, which outlives a
# restart. Local memory would give whoever guesses as many tries as there are processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTHENTICATION_BACKENDS = ["caselli.doors.web.account.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 86_400
ACCOUNT_ADAPTER = "caselli.doors.web.account.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "change_password": "caselli.doors.web.account.forms.ChangePassword",
    "reauthenticate": "caselli.doors.web.account.forms.Confirmation",
    "reset_password": "caselli.doors.web.account.forms.ForgottenPassword",
    "reset_password_from_key": "caselli.doors.web.account.forms.NewPassword",
    "set_password": "caselli.doors.web.account.forms.FirstPassword",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]  # nobody signs up; allauth compares it with the above
MFA_ADAPTER = "caselli.doors.web.account.adapter.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # mail addresses are set by administrators
MFA_FORMS = {
    "authenticate_webauthn": "caselli.doors.web.account.forms.PasskeySecondFactor",
    "login_webauthn": "caselli.doors.web.account.forms.PasskeySignIn",
    "reauthenticate_webauthn": "caselli.doors.web.account.forms.PasskeyConfirmation",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Caselli"
MFA_TOTP_TOLERANCE = 1  # of 30 s: phones' clocks differ
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "extensions"
LOGOUT_REDIRECT_URL = "login"
OAUTH2_PROVIDER_APPLICATION_MODEL = "store.App"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3_600,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 86_400,  # unused for so long after its access token
    "REFRESH_TOKEN_REUSE_PROTECTION": True,  # one that is used twice was stolen: all of its family end
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],  # http on loopback alone: directory/apps.py
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # of tokens only the checksum is kept
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,  # S256, not plain
}
EMAIL_BACKEND = "caselli.notice.mailbox.Mailbox"
DEFAULT_FROM_EMAIL = "caselli@localhost"  # the mailbox puts the real sender in its place
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "caselli.doors.web.static_files.Storage"},
}
LOGGING_CONFIG = None

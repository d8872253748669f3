"""Django's settings, made from a desk's own; there is no settings module, and no variable of the environment counts."""

from __future__ import annotations

from typing import Any

from countersign.desk.folder import DATABASE, SETTINGS, Desk, DeskDatabaseAway, DeskMalformed
from countersign.desk.logs import logging_settings
from countersign.extras import need

#: Seconds for which a second authentication holds; each act uses one up.
SECOND_SECONDS = 300
#: The largest request in bytes: a draft with all its values is far smaller.
LARGEST_REQUEST = 4 * 1024**2
#: Seconds until somebody who does nothing is signed out.
SESSION_SECONDS = 8 * 3600


def settings_of(desk: Desk, file: str | None = None) -> dict[str, Any]:
    """The settings; ``file``: another database, or ``:memory:``, than the desk's own. Raises ``DeskMalformed`` or
    ``ExtraMissing``."""
    https = desk.settings.https
    return {
        "DESK": desk,
        "DEBUG": False,
        "SECRET_KEY": desk.secret,
        "ALLOWED_HOSTS": list(desk.settings.hosts),
        "ROOT_URLCONF": "countersign.desk.routes",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [],
                "APP_DIRS": False,
                "OPTIONS": {"environment": "countersign.desk.pages.environment"},
            },
            # allauth's own messages.
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
        ],
        "DATABASES": {"default": _database(desk, file)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en-gb",
        "USE_I18N": False,
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "LOGGING": logging_settings(),
        "SILENCED_SYSTEM_CHECKS": ["account.W001"],
        **_parts(),
        **_accounts(),
        **_protection(https=https),
    }


def _database(desk: Desk, file: str | None) -> dict[str, Any]:
    """SQLite in the desk's folder, or the PostgreSQL that its settings name, held to the rules of the log's."""
    if desk.settings.database and file is None:
        return _postgres(desk.settings.database, f"{desk.path / SETTINGS}: database")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file or str(desk.path / DATABASE),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def _postgres(address: str, place: str) -> dict[str, Any]:
    need("psycopg")
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    from countersign.record.store.sequencer_postgres import verified_address

    try:
        parts = conninfo_to_dict(verified_address(address))
    except ProgrammingError:
        raise DeskMalformed(f"{place}: is no address of PostgreSQL") from None
    name = parts.pop("dbname", None)
    if not name:
        raise DeskMalformed(f"{place}: names no database, as postgresql://HOST/NAME does")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "OPTIONS": {"connect_timeout": 10, **parts},
        "CONN_HEALTH_CHECKS": True,
    }


def _parts() -> dict[str, Any]:
    return {
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "allauth",
            "allauth.account",
            "allauth.mfa",
            "countersign.desk.apps.DeskConfig",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "csp.middleware.CSPMiddleware",
            "countersign.desk.gate.Gate",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "countersign.desk.gate.Rules",
        ],
    }


def _accounts() -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}"}
            for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
        ]
        + [
            {
                "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
                "OPTIONS": {"min_length": 12},
            }
        ],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "waiting",
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": SECOND_SECONDS,
        "ACCOUNT_RATE_LIMITS": {
            "login": "60/m/ip",
            "login_failed": "10/m/ip,5/5m/key",
            "reauthenticate": "10/m/user",
            "act": "60/m/user",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": False,
        "MFA_TOTP_ISSUER": "Countersign",
        # The code before the one shown is good too: clocks differ, and people type.
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    }


def _protection(*, https: bool) -> dict[str, Any]:
    own = ["'self'"]
    policy = {
        "default-src": ["'none'"],
        "script-src": own,
        "style-src": own,
        "img-src": [*own, "data:"],
        "connect-src": own,
        "form-action": own,
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    return {
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": policy},
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if https else None,
        "SECURE_SSL_REDIRECT": https,
        "SECURE_REDIRECT_EXEMPT": [r"^health/$"],
        "SECURE_HSTS_SECONDS": 31_536_000 if https else 0,
        "SESSION_COOKIE_NAME": "__Host-desk" if https else "desk",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_AGE": SESSION_SECONDS,
        "CSRF_COOKIE_NAME": "__Host-form" if https else "form",
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_USE_SESSIONS": False,
        "CSRF_FAILURE_VIEW": "countersign.desk.views.answers.form_not_ours",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_REQUEST,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 5_000,
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": LARGEST_REQUEST,
    }


def ready(desk: Desk) -> None:
    """Set Django up for a desk, once for a process, and bring its database up to date. Raises ``DeskDatabaseAway`` and
    as ``settings_of``."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import Error, connection

    if settings.configured:
        return
    settings.configure(**settings_of(desk))
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except Error as error:
        raise DeskDatabaseAway(f"the desk's database: {(str(error) or type(error).__name__).splitlines()[0]}") from None
    if connection.vendor == "sqlite":
        (desk.path / DATABASE).chmod(0o600)

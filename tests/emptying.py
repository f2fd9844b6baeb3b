"""Tables are emptied between tests that commit: those alone in which something is.

Django's own way truncates all of them, some eighty, and writes their permissions anew: half a second a test.
"""

from django.db import connection
from django.test import TransactionTestCase

KEPT = ("django_migrations", "django_content_type", "auth_permission", "procrastinate_version")
LAST = ("procrastinate_jobs", "procrastinate_workers")
"""What others refer to by constraints that are not deferred."""


def empty_tables(_case: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        each = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
        cursor.execute(" UNION ALL ".join(each))
        filled = sorted((name for (name,) in cursor.fetchall()), key=lambda name: (name in LAST, name))
        cursor.execute("".join(f'DELETE FROM "{name}";' for name in filled) or "SELECT 1")


def install() -> None:
    TransactionTestCase._fixture_teardown = empty_tables

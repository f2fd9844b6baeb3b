"""Fills a database with faxes by SQL alone: one organization with many, one with fifty, ninety with the rest.

Every fax has one recipient, one document and one call. 93 of 100 are Sent; a quarter came by email; numbers are drawn
from ten million, one in a hundred goes to the same clinic; one document in a thousand is called an affidavit.
"""

import sys
from typing import Any

BIG, FEW = "0001*210", "0002*210"
OTHERS = 90
SMALL = 50
CLINIC = "+12025550142"

TABLES = ("store_fax", "store_delivery", "store_document", "store_attempt")

FAXES = """
INSERT INTO store_fax (uid, organization_id, extension_id, channel, status, shown_status, priority, pages, pages_blob,
    seconds_on_line, added_at, added_by_id, approved_at, approved_how, approved_content, sent_to, names, ended_at)
SELECT gen_random_uuid(), %(organization)s, %(extension)s,
    CASE WHEN dice.c < 0.6 THEN 'web' WHEN dice.c < 0.85 THEN 'email' WHEN dice.c < 0.95 THEN 'api' ELSE 'console' END,
    'released',
    CASE WHEN dice.s < 0.93 THEN 'Sent' WHEN dice.s < 0.97 THEN 'Send Failed' WHEN dice.s < 0.98 THEN 'Partially Sent'
         ELSE 'Canceled' END,
    0, 2, repeat('a', 64), 60, moment.at, %(owner)s, moment.at, 'web', '',
    CASE WHEN dice.n < 0.01 THEN %(clinic)s ELSE '+1202' || lpad(floor(random() * 9999999)::bigint::text, 7, '0') END,
    CASE WHEN dice.d < 0.001 THEN 'affidavit ' WHEN dice.d < 0.3 THEN 'invoice ' WHEN dice.d < 0.7 THEN 'letter '
         ELSE 'lab report ' END || numbers.number || '.pdf',
    moment.at + interval '1 minute'
FROM generate_series(1, %(count)s) AS numbers (number)
CROSS JOIN LATERAL (SELECT random() AS c, random() AS s, random() AS n, random() AS d, numbers.number AS place) AS dice
CROSS JOIN LATERAL (SELECT now() - numbers.number * (interval '730 days' / %(count)s) AS at) AS moment
"""

REST = """
INSERT INTO store_document (fax_id, position, name, kind, blob, size, pages)
SELECT id, 1, names, 'pdf', repeat('b', 64), 50000, 2 FROM store_fax;
INSERT INTO store_delivery (fax_id, organization_id, extension_id, position, given, destination, status, cause,
    priority, queued_at, ended_at, dials, answered, gear, pages_confirmed, phase, phase_page, cancel_wished)
SELECT id, organization_id, extension_id, 1, sent_to, sent_to,
    CASE shown_status WHEN 'Send Failed' THEN 'failed' WHEN 'Canceled' THEN 'canceled' ELSE 'delivered' END,
    CASE shown_status WHEN 'Send Failed' THEN 'no_such_number' WHEN 'Canceled' THEN 'canceled' ELSE 'delivered' END,
    0, added_at, ended_at, 1, 1, 0, 2, '', 0, false
FROM store_fax;
INSERT INTO store_attempt (delivery_id, number, trunk_name, dialer, gear, first_page, started_at, dialled_at,
    answered_at, ended_at, pages_confirmed, "end", cause, seconds, transport, rate, ecm, remote_id, sip_code,
    sip_phrase, pages)
SELECT id, 1, 'Provider', 'dialer', 0, 1, queued_at, queued_at, queued_at, ended_at, pages_confirmed, 'completed',
    cause, 60, 't38', 14400, true, 'FAR FAX', 200, 'OK', '[]'
FROM store_delivery;
"""


def log(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def fill(connection: Any, faxes: int, everything: int) -> None:
    """``connection``: of a superuser, who may leave the foreign keys unchecked."""
    each = (everything - faxes) // OTHERS
    with connection.cursor() as cursor:
        kept = _without_indexes(cursor)
        cursor.execute("SET session_replication_role = replica")
        for place, count in enumerate([faxes, SMALL, *([each] * OTHERS)], 1):
            cursor.execute(FAXES, _furnish(place) | {"count": count, "clinic": CLINIC})
        log(f"{everything + SMALL:,} faxes are there")
        for statement in REST.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        log("and their documents, deliveries and calls")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for definition in kept:
            cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")
        log("and the indexes")
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _without_indexes(cursor: Any) -> list[str]:
    """Filling is much quicker without them. Returns what makes them again; those of constraints stay."""
    cursor.execute(
        """
        SELECT indexname, indexdef FROM pg_indexes
        WHERE tablename = ANY(%s)
          AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))
        """,
        [list(TABLES)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _furnish(place: int) -> dict[str, int]:
    from caselli.store.models import Extension, Organization, User

    organization = Organization.objects.create(number=f"{place:04}", name=f"Organization {place}")
    owner = User.objects.create(username=f"owner{place}", organization=organization)
    extension = Extension.objects.create(organization=organization, number="210", name="Front desk", owner=owner)
    return {"organization": organization.pk, "extension": extension.pk, "owner": owner.pk}

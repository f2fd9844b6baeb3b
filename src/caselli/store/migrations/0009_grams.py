import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# Written down beside it: caselli.store.grams. Each letter once, so that it takes a time in proportion to the text.
FUNCTION = """
CREATE FUNCTION caselli_grams(extension bigint, numbers text, names text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT
        ((extension & 1048575) << 43) | (kind << 42) | (first << 28) | (second << 14) | third
    ), '{}')
    FROM (
        SELECT kind,
            (ascii(letter) & 16383)::bigint AS first,
            (ascii(lead(letter, 1) OVER word) & 16383)::bigint AS second,
            (ascii(lead(letter, 2) OVER word) & 16383)::bigint AS third
        FROM (VALUES (0::bigint, numbers), (1::bigint, names)) AS given (kind, text),
            unnest(string_to_array(text, NULL)) WITH ORDINALITY AS letters (letter, place)
        WINDOW word AS (PARTITION BY kind ORDER BY place)
    ) AS triples
    WHERE third IS NOT NULL
$$
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0008_turns_and_deadlines")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION caselli_grams(bigint, text, text)"),
        migrations.AddIndex(
            "fax",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("extension"),
                    models.F("sent_to"),
                    models.F("names"),
                    function="caselli_grams",
                    output_field=django.contrib.postgres.fields.ArrayField(models.BigIntegerField()),
                ),
                fastupdate=False,
                name="fax_grams",
            ),
        ),
    ]

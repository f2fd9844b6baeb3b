from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0015_app")]

    operations = [
        migrations.CreateModel(
            name="RequestBucket",
            fields=[
                ("caller", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE store_requestbucket SET UNLOGGED; ALTER TABLE store_requestbucket SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0007_account_events")]

    operations = [
        migrations.CreateModel(
            "Turn",
            [
                (
                    "extension",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="store.extension",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.organization",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["organization", "at"], name="turn_of_organization")]},
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("status", "queued"), _negated=True), ("queued_at__isnull", False), _connector="OR"),
                    models.Q(
                        models.Q(("status", "retry_wait"), _negated=True), ("next_try_at__isnull", False), _connector="OR"
                    ),
                ),
                name="delivery_waits_with_a_deadline",
            ),
        ),
    ]

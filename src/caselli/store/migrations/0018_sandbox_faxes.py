from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0017_webhook_secret"),
    ]

    operations = [
        migrations.AlterField(
            model_name="fax",
            name="approved_how",
            field=models.CharField(
                blank=True,
                choices=[
                    ("web", "web"),
                    ("email", "email link"),
                    ("trusted", "trusted sender"),
                    ("api", "API pre-approval"),
                    ("program", "API"),
                    ("console", "command line"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="fax",
            index=models.Index(
                condition=models.Q(("sandbox", True)),
                fields=["extension", "-added_at", "-id"],
                name="fax_of_sandbox",
            ),
        ),
    ]

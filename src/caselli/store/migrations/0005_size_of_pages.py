from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0004_second_yes")]

    operations = [
        migrations.AddField(
            "fax",
            "pages_size",
            models.PositiveBigIntegerField(db_default=0, default=0, help_text="bytes of pages_blob"),
        ),
    ]

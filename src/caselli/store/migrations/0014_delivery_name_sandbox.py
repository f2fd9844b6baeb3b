from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0013_api"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="delivery",
            name="sandbox",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

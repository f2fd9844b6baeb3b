from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0016_request_bucket")]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="former_secret",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="webhook",
            name="former_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

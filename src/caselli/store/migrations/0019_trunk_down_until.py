from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0018_sandbox_faxes"),
    ]

    operations = [
        migrations.AddField(
            model_name="trunk",
            name="down_until",
            field=models.DateTimeField(
                blank=True, help_text="it did not answer: until then others go before it", null=True
            ),
        ),
    ]

"""The tables in the database are those of the models."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_change_of_the_models_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)

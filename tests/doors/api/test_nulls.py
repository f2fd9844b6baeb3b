"""A change may hold a null where the document says so, and nowhere else."""

import re

import pytest
from doors.api.operations import OPERATIONS
from doors.api.things import objects_of

from caselli.doors.api.rest import api
from caselli.store.models import User

PATCHES = {path: told["patch"] for path, told in api.get_openapi_schema()["paths"].items() if "patch" in told}
NEEDED_BY_THEM = {("UserChange", "organization")}  # null for an administrator of the whole server, as it says


@pytest.fixture
def admin(cast, program_of):
    return program_of(cast.admin)


@pytest.mark.parametrize("path", PATCHES)
def test_a_null_is_taken_where_the_document_has_it_and_told_by_its_field_elsewhere(cast, admin, make_fax, path):
    User.objects.filter(pk=cast.alice.pk).update(email="alice@acme.example")
    objects = objects_of(cast.desk, make_fax("+12025550100"))
    of = OPERATIONS[PATCHES[path]["operationId"]].of
    address = re.sub(r"{(\w+)}", lambda one: str(objects[of[one[1]]]), path)
    (content,) = PATCHES[path]["requestBody"]["content"].values()
    shape = content["schema"]["$ref"].rpartition("/")[2]
    for field, told in api.get_openapi_schema()["components"]["schemas"][shape]["properties"].items():
        answer = admin.patch(address, {field: None}, content_type="application/json")
        allowed = {"type": "null"} in told.get("anyOf", ()) and (shape, field) not in NEEDED_BY_THEM
        if allowed:
            assert answer.status_code == 200, (field, answer.json())
        else:
            assert (answer.status_code, answer.json()["field"]) == (422, field), field
            assert answer.json()["remedy"]

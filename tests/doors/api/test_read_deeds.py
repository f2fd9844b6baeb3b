"""A program decides about faxes, with the rights of its person."""

import pytest
from doors.api.things import awaits_a_yes, ended
from lost_database import lost_at_a_job

from caselli.directory.scopes import Scope
from caselli.fax.status import DeliveryStatus
from caselli.store.models import Fax, Share

FAXES = "/api/v1/faxes"


@pytest.fixture
def alice(cast, program_of):
    return program_of(cast.alice)


def _post(program, fax, deed, body=None, **headers):
    path = f"{FAXES}/{fax.uid}/{deed}"
    if body is None:
        return program.generic("POST", path, headers=headers)
    return program.post(path, body, content_type="application/json", headers=headers)


def test_a_fax_is_cancelled_once(alice, make_fax):
    fax = make_fax("+12025550100")
    done = _post(alice, fax, "cancel")
    assert (done.status_code, done.json()["status"], done.json()["can"]) == (200, "canceled", [])
    late = _post(alice, fax, "cancel")
    assert (late.status_code, late.json()["slug"]) == (409, "step_impossible")


def test_the_same_request_is_answered_alike(alice, make_fax):
    fax = make_fax("+12025550100")
    first, again = (_post(alice, fax, "cancel", **{"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content


def test_a_held_fax_is_sent(alice, make_fax):
    assert _post(alice, make_fax("+12025550100", hold=True), "send").json()["status"] == "scheduled"


def test_what_has_failed_is_sent_again(alice, make_fax):
    fax = make_fax("+12025550100")
    ended(fax, DeliveryStatus.FAILED, "busy")
    assert _post(alice, fax, "resend").json()["deliveries"][0]["status"] == "queued"


@pytest.mark.parametrize(("arrived", "status"), [(True, "delivered"), (False, "queued")])
def test_a_person_says_what_became_of_an_unknown_one(alice, make_fax, arrived, status):
    fax = make_fax("+12025550100")
    ended(fax, DeliveryStatus.UNKNOWN, "unknown")
    assert alice.get(f"{FAXES}/{fax.uid}").json()["can"] == ["cancel", "resolve"]
    wrong = _post(alice, fax, "resolve", {"recipient": 2, "arrived": True}).json()
    assert (wrong["field"], wrong["slug"]) == ("recipient", "field_invalid")
    done = _post(alice, fax, "resolve", {"recipient": 1, "arrived": arrived}).json()
    assert done["deliveries"][0]["status"] == status


@pytest.mark.parametrize("word", ["yes", "no", 0, 1, None])
def test_only_true_or_false_says_what_became_of_it(alice, make_fax, word):
    fax = make_fax("+12025550100")
    ended(fax, DeliveryStatus.UNKNOWN, "unknown")
    answer = _post(alice, fax, "resolve", {"recipient": 1, "arrived": word})
    assert (answer.status_code, answer.json()["field"]) == (422, "arrived")
    assert fax.deliveries.get().status == "unknown"


def test_a_second_person_approves_what_was_looked_at(cast, alice, program_of, make_fax):
    fax = make_fax("+12025550100")
    awaits_a_yes(fax)
    olivia = program_of(cast.olivia)
    assert _post(alice, fax, "approve").json()["slug"] == "not_allowed"
    assert _post(olivia, fax, "approve", {"seen": "another"}).json()["slug"] == "content_changed"
    seen = olivia.get(f"{FAXES}/{fax.uid}").json()["content"]
    done = _post(olivia, fax, "approve", {"seen": seen}).json()
    assert (done["status"], done["approved_by"], done["approved_how"]) == ("scheduled", "olivia", "program")
    late = _post(olivia, fax, "approve")
    assert late.json()["detail"] == "This fax has been approved already by Olivia."


def test_a_second_person_declines_with_a_reason(cast, program_of, make_fax):
    fax = make_fax("+12025550100")
    awaits_a_yes(fax)
    olivia = program_of(cast.olivia)
    assert _post(olivia, fax, "decline", {"reason": " "}).json()["slug"] == "reason_missing"
    assert _post(olivia, fax, "decline", {}).json()["slug"] == "field_missing"
    done = _post(olivia, fax, "decline", {"reason": "a private number"}).json()
    assert (done["status"], done["reason"]) == ("canceled", "Olivia declined to send it: a private number")


def test_who_may_only_look_is_told_so(cast, program_of, make_fax):
    fax = make_fax("+12025550100")
    Share.objects.create(extension=cast.desk, user=cast.bob)
    answer = _post(program_of(cast.bob), fax, "cancel")
    assert (answer.status_code, answer.json()["slug"]) == (403, "not_allowed")
    assert _post(program_of(cast.alice, Scope.FAX_READ), fax, "cancel").json()["slug"] == "scope_missing"


def test_a_database_that_goes_away_in_the_middle_is_told_and_passes(alice, make_fax):
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.update(callback_url="https://example.com/this-fax")
    with lost_at_a_job():
        answer = _post(alice, fax, "cancel")
    assert (answer.status_code, answer.json()["slug"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert Fax.objects.get().status == fax.status
    assert _post(alice, fax, "cancel").json()["status"] == "canceled"

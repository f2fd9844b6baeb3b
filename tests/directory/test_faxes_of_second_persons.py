"""Who approves sees the faxes of others that are theirs to decide on, and nothing else."""

import pytest

from caselli.approval.decide import approve, refuse
from caselli.approval.request import content_of
from caselli.directory.access import extensions_seen_by, faxes_seen_by, may_act
from caselli.fax.status import FaxStatus
from caselli.queue.decide import cancel
from caselli.store import journey
from caselli.store.models import Fax, Share


@pytest.fixture
def waiting(cast, make_fax):
    """A fax of Alice's, held, that waits for a yes; Bob is named to give it."""
    cast.desk.approver = cast.bob
    cast.desk.save()

    def make(extension=None, author=None):
        fax = make_fax("+12025550100", hold=True, extension=extension or cast.desk)
        journey.advance_fax(
            fax, FaxStatus.AWAITING_APPROVAL, journey.By(fax.added_at), approved_by=None, added_by=author or cast.alice
        )
        return fax

    return make


def seen_by(user):
    return set(faxes_seen_by(user))


def test_who_is_named_sees_what_waits_and_no_other_fax_of_the_extension(cast, waiting, make_fax):
    make_fax("+12025550100")
    fax = waiting()
    assert seen_by(cast.bob) == {fax}
    assert cast.desk not in extensions_seen_by(cast.bob)
    assert not may_act(cast.bob, cast.desk)


def test_what_was_decided_on_stays_visible_and_what_was_cancelled_does_not(cast, waiting):
    approved, declined, cancelled = waiting(), waiting(), waiting()
    approve(approved, cast.bob, None, content_of(approved))
    refuse(declined, cast.bob, None, "Wrong number.")
    cancel(cancelled, cast.alice, None)
    assert seen_by(cast.bob) == {approved, declined}


def test_the_decision_of_another_person_opens_nothing(cast, waiting):
    approved, declined = waiting(), waiting()
    approve(approved, cast.olivia, None, content_of(approved))
    refuse(declined, cast.olivia, None, "Wrong number.")
    assert seen_by(cast.bob) == set()


def test_a_fax_of_an_extension_with_another_approver_stays_closed(cast, waiting):
    waiting(extension=cast.foreign, author=cast.charlie)
    assert seen_by(cast.bob) == set()


def test_who_moved_to_another_organization_or_is_switched_off_sees_nothing_any_more(cast, waiting):
    fax = waiting()
    approve(fax, cast.bob, None, content_of(fax))
    cast.bob.is_active = False
    assert seen_by(cast.bob) == set()
    cast.bob.is_active, cast.bob.organization = True, cast.rival
    assert seen_by(cast.bob) == set()


def test_what_one_sent_by_a_share_that_is_over_is_not_kept_open_by_having_approved_it_oneself(cast, make_fax):
    share = Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    fax = make_fax("+12025550100")
    Fax.objects.update(added_by=cast.bob, approved_by=cast.bob)
    assert seen_by(cast.bob) == {fax}
    share.delete()
    assert seen_by(cast.bob) == set()

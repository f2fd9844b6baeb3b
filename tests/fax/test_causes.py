import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.fax import causes
from caselli.fax.causes import ALL, Q850_CAUSES, SIP_CAUSES, T30_CAUSES, Retry, judge
from caselli.fax.outcome import CallEnd, CallReport, PageReport, Transport


def pages(*confirmed):
    return tuple(PageReport(number, one) for number, one in enumerate(confirmed, 1))


def test_every_cause_says_what_happened_and_every_failure_what_to_do():
    for slug, cause in ALL.items():
        assert slug == cause.slug
        assert cause.sentence.endswith(".")
        if cause not in {causes.DELIVERED, causes.CANCELED}:
            assert cause.remedy, slug


def test_no_sentence_shows_a_code():
    for cause in ALL.values():
        assert not any(character.isdigit() for character in cause.sentence + cause.remedy), cause.slug


@pytest.mark.parametrize(
    ("report", "slug", "retry"),
    [
        (CallReport(CallEnd.REJECTED, sip_code=486), "busy", Retry.BUSY),
        (CallReport(CallEnd.REJECTED, sip_code=404), "no_such_number", Retry.NEVER),
        (CallReport(CallEnd.REJECTED, sip_code=503), "trunk_down", Retry.OTHER),
        (CallReport(CallEnd.REJECTED, sip_code=480, q850=17), "busy", Retry.BUSY),
        (CallReport(CallEnd.REJECTED, sip_code=500, q850=1), "no_such_number", Retry.NEVER),
        (CallReport(CallEnd.REJECTED, sip_code=499), "rejected", Retry.OTHER),
        (CallReport(CallEnd.REJECTED, sip_code=599), "trunk_down", Retry.OTHER),
        (CallReport(CallEnd.NO_ANSWER), "no_answer", Retry.NO_ANSWER),
        (CallReport(CallEnd.UNREACHABLE), "trunk_silent", Retry.OTHER),
        (CallReport(CallEnd.NO_FAX, answered=True), "no_fax", Retry.LINE),
        (CallReport(CallEnd.FAR_HUNG_UP, answered=True, transport=Transport.T38), "line_dropped", Retry.LINE),
        (CallReport(CallEnd.FAR_HUNG_UP, answered=True), "no_fax", Retry.LINE),
        (CallReport(CallEnd.T30_FAILED, t30_code=6), "line_bad", Retry.LINE),
        (CallReport(CallEnd.T30_FAILED, t30_code=11), "incompatible", Retry.NEVER),
        (CallReport(CallEnd.T30_FAILED, t30_code=200), "line_bad", Retry.LINE),
        (CallReport(CallEnd.AUTHENTICATION_FAILED, sip_code=401), "bad_credentials", Retry.NEVER),
        (CallReport(CallEnd.MEDIA_LOST), "media_lost", Retry.LINE),
        (CallReport(CallEnd.CANCELED), "canceled", Retry.NEVER),
        (CallReport(CallEnd.TOO_LONG), "too_long", Retry.LINE),
    ],
)
def test_a_call_comes_to_this(report, slug, retry):
    cause = judge(report, 1)
    assert (cause.slug, cause.retry) == (slug, retry)


def test_delivered_needs_every_page_confirmed():
    assert judge(CallReport(CallEnd.COMPLETED, pages=pages(True, True)), 2) is causes.DELIVERED
    assert judge(CallReport(CallEnd.COMPLETED, pages=pages(True, False)), 2) is not causes.DELIVERED


def test_all_pages_confirmed_is_delivered_however_the_call_ended():
    for end in CallEnd:
        assert judge(CallReport(end, pages=pages(True)), 1) is causes.DELIVERED


def test_a_last_page_out_and_not_confirmed_is_unknown_however_the_call_ended():
    for end in CallEnd:
        report = CallReport(end, answered=True, final_page_out=True, pages=pages(True, False))
        assert judge(report, 2) is causes.UNKNOWN


def test_a_last_page_that_the_far_end_answered_with_no_is_not_unknown():
    report = CallReport(CallEnd.T30_FAILED, t30_code=15, final_page_out=True, pages=pages(False))
    assert judge(report, 1) is causes.FAR_REFUSED


@given(
    st.sampled_from(list(CallEnd)),
    st.integers(0, 699),
    st.none() | st.integers(0, 130),
    st.none() | st.integers(-1, 80),
    st.booleans(),
)
def test_whatever_the_line_reports_there_is_a_cause_and_never_delivered_without_pages(end, sip, q850, t30, out):
    cause = judge(CallReport(end, sip_code=sip, q850=q850, t30_code=t30, final_page_out=out), 3)
    assert cause.slug in ALL
    assert cause is not causes.DELIVERED


def test_the_tables_lead_only_to_causes_that_are_listed():
    for table in (SIP_CAUSES, Q850_CAUSES, T30_CAUSES):
        assert {cause.slug for cause in table.values()} <= set(ALL)

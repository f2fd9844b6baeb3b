from dataclasses import replace

import pytest

from caselli.fax import causes, trunk_words
from caselli.fax.causes import judge
from caselli.fax.outcome import CallEnd, CallReport, Direction, LadderEntry, LadderProtocol, PageReport, Transport
from caselli.fax.probe import Found, ProbeReport, Question
from caselli.fax.trunk_words import Told, tell, tell_call

ANSWERED = ProbeReport(Question.OPTIONS, Found.ANSWERED, "sip.example.com", 5060, code=200, phrase="OK")
REGISTRATION = replace(ANSWERED, question=Question.REGISTRATION)
CONFIRMED = (PageReport(1, confirmed=True),)


@pytest.mark.parametrize("question", list(Question))
@pytest.mark.parametrize("found", [one for one in Found if one is not Found.ANSWERED])
def test_every_trouble_says_what_it_is_and_what_to_do(question, found):
    told = tell(replace(ANSWERED, question=question, found=found, code=401, waited=12.0, detail="No route to host"))
    assert not told.passed
    assert told.sentence.endswith(".")
    assert told.remedy.endswith(".")
    assert "{" not in told.text


@pytest.mark.parametrize("question", list(Question))
@pytest.mark.parametrize("code", [*range(200, 207), 300, 302, *range(400, 424), *range(480, 496), *range(500, 607)])
def test_every_status_has_words_that_name_it_when_it_is_bad(question, code):
    told = tell(replace(ANSWERED, question=question, code=code))
    assert told.sentence.endswith(".")
    assert told.remedy.endswith(".")
    assert told.passed or f"({code})" in told.sentence


@pytest.mark.parametrize(
    ("code", "passed", "words"),
    [
        (200, True, "speaks SIP with us"),
        (404, True, "is alive"),
        (405, True, "is alive"),
        (488, True, "is alive"),
        (403, False, "does not let us in (403)"),
        (503, False, "overloaded (503)"),
        (483, False, "circle (483)"),
        (408, False, "behind it (408)"),
    ],
)
def test_what_an_answer_to_options_shows(code, passed, words):
    told = tell(replace(ANSWERED, code=code))
    assert (told.passed, words in told.sentence) == (passed, True), told


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "does not know this login (403)"),
        (404, "does not know this login (404)"),
        (405, "takes no registrations (405)"),
        (501, "takes no registrations (501)"),
        (503, "overloaded (503)"),
        (599, "overloaded (599)"),
        (423, "refused the registration (423)"),
    ],
)
def test_what_an_answer_to_a_registration_shows(code, words):
    told = tell(replace(REGISTRATION, code=code))
    assert not told.passed
    assert words in told.sentence


def test_a_login_that_was_not_asked_for_is_not_called_right():
    assert "password is right" in tell(replace(REGISTRATION, logged_in=True)).sentence
    assert "without asking who we are" in tell(REGISTRATION).sentence


def test_a_wrong_port_and_a_wrong_name_are_told_with_theirs():
    closed = tell(replace(ANSWERED, found=Found.PORT_CLOSED, code=0, port=5061))
    assert closed.sentence == "Nothing listens at port 5061 of sip.example.com: the port is closed."
    nowhere = tell(replace(ANSWERED, found=Found.NO_HOST, code=0))
    assert nowhere.sentence == "There is no host sip.example.com: its name has no address."


def test_what_the_far_end_says_of_itself_is_told():
    told = tell(
        replace(
            ANSWERED,
            address="192.0.2.7:5060",
            milliseconds=12.4,
            repeats=2,
            product="Provider 7",
            allow=("INVITE", "BYE"),
            streams=("audio by G.711",),
        )
    )
    assert told.facts == (
        "Address: 192.0.2.7:5060",
        "Answer: 200 OK",
        "Round trip: 12 ms",
        "Asked again 2 times before it answered: packets get lost, or it is slow",
        "Server: Provider 7",
        "Offers: audio by G.711",
        "It does not name T.38: faxes may have to go by audio, which is slower and breaks more easily",
        "Allows: INVITE, BYE",
    )
    assert not any("T.38:" in fact for fact in tell(replace(ANSWERED, streams=("T.38",))).facts)
    assert tell(REGISTRATION).facts[-1] == "Registered addresses: none"


def told_of(report: CallReport) -> Told:
    return tell_call(report, judge(report, 1))


def test_a_page_that_arrived_is_a_passed_test():
    report = CallReport(CallEnd.COMPLETED, seconds=23.4, sip_code=200, sip_phrase="OK", transport=Transport.T38)
    told = told_of(replace(report, rate=14_400, ecm=True, remote_id="LAB", pages=CONFIRMED))
    assert told.passed
    assert told.sentence == "The test page arrived: the far machine confirmed it."
    assert told.facts == (
        "Answer: 200 OK",
        "Way: T.38",
        "Speed: 14,400 bit/s, with error correction",
        "Answered by: LAB",
        "Took: 23.4 s",
    )


def test_t38_that_was_refused_is_told_beside_a_page_that_went_by_audio():
    by_audio = CallReport(CallEnd.COMPLETED, transport=Transport.G711, pages=CONFIRMED)
    assert told_of(by_audio).remedy.startswith("It went by audio: if your provider")
    refused = LadderEntry(3.0, LadderProtocol.T38, Direction.NOTE, "our offer was refused: 488 Not Acceptable Here")
    assert "T.38 was refused (488)" in told_of(replace(by_audio, ladder=(refused,))).remedy


@pytest.mark.parametrize(
    ("report", "sentence", "remedy"),
    [
        (CallReport(CallEnd.REJECTED, sip_code=486), "The line was busy (486).", "The trunk works so far."),
        (CallReport(CallEnd.REJECTED, sip_code=488), "The far end takes neither", "Ask your provider for G.711"),
        (CallReport(CallEnd.REJECTED, sip_code=403), "The trunk does not let us call", "Ask your provider whether"),
        (CallReport(CallEnd.NO_FAX, answered=True), "No fax answered", "The trunk works so far"),
        (CallReport(CallEnd.NO_ANSWER), "It rang, but nobody answered.", "The trunk works so far"),
        (CallReport(CallEnd.REJECTED, sip_code=404), "There is no such number (404).", "Check the number."),
        (CallReport(CallEnd.REJECTED, sip_code=503), "The trunk is down or overloaded (503).", "Test again later."),
        (CallReport(CallEnd.UNREACHABLE), "The trunk did not answer", "Check the trunk's host and port"),
        (
            CallReport(CallEnd.UNREACHABLE, sip_code=503, sip_phrase="Nothing listens at 127.0.0.1 port 5999"),
            "Nothing listens at 127.0.0.1 port 5999.",
            "Check the trunk's host and port",
        ),
        (CallReport(CallEnd.AUTHENTICATION_FAILED, sip_code=407), "The trunk did not accept our user", "Check login"),
    ],
)
def test_a_call_that_failed_says_what_an_administrator_can_do(report, sentence, remedy):
    told = told_of(report)
    assert not told.passed
    assert told.sentence.startswith(sentence)
    assert told.remedy.startswith(remedy)


def test_no_cause_is_without_words():
    for cause in causes.ALL.values():
        told = tell_call(CallReport(CallEnd.REJECTED), cause)
        assert told.sentence.endswith(".")
        assert told.remedy or cause in {causes.DELIVERED, causes.CANCELED}


def test_words_are_read_as_they_were_kept():
    for told in (
        Told(True, "It arrived.", "", ("Way: T.38",)),
        Told(False, "It did not.", "Try again."),
        trunk_words.UNTAKEN,
        trunk_words.LOST,
        trunk_words.NO_CHANNEL,
        trunk_words.NUMBER_IN_USE,
        trunk_words.BLOCKED,
        trunk_words.NO_PAGE,
    ):
        assert Told.read(told.passed, told.text) == told

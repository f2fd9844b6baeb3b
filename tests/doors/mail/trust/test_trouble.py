"""DNS in trouble, and mails that are none."""

import dataclasses
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from proving import proof_of, signed, written

from caselli.doors.mail.trust import Proof
from caselli.project.configuration import Address

WORDS = {"none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"}
ODD = st.sampled_from(
    [b"", b"\r\n", b"\0", b"\xff\xfe", b";", b"=", b"(", b'"', b"l=3;", b"d=evil.example;", b": ", b" \t"]
)
TERMS = st.lists(
    st.sampled_from(["a", "mx", "ptr", "-all", "include:acme.example", "exists:%{ir}.%{l1r-}.example", "%{", "reject",
                     "a:%{p}.x", "ip4:1/99", "redirect=x.example", "exp=%{", "adkim=s;", "k=rsa; p=AAAA", ";;", "é"]),
    max_size=5,
).map(" ".join)  # fmt: skip
VARIANTS = (
    written,
    lambda: signed(written()),
    lambda: signed(written(), selector=b"s2", length=True),
    lambda: signed(written(), canonicalize=(b"simple", b"simple")),
)


class TestTrouble:
    def test_a_name_server_that_fails_says_later(self, names):
        names.broken |= {"acme.example", "s1._domainkey.acme.example"}
        assert proof_of(signed(written())) == Proof("temperror", "temperror", "temperror")

    def test_what_is_proven_needs_no_other_answer(self, names):
        names.broken.add("acme.example")
        assert proof_of(signed(written())) == Proof("temperror", "pass", "pass")

    def test_trouble_of_somebody_else_does_not_delay_the_verdict(self, names):
        names.broken.add("s1._domainkey.evil.example")
        content = signed(written(), "evil.example")
        assert proof_of(content, client="192.0.2.66") == Proof("fail", "temperror", "fail")

    def test_a_name_server_that_is_silent_costs_a_bounded_time(self, names):
        names.silent |= {"_dmarc.acme.example", "acme.example", "s1._domainkey.acme.example"}
        assert proof_of(signed(written()), seconds=0.3) == Proof("temperror", "temperror", "temperror")

    def test_no_name_server_at_all_says_later(self, names, settings):
        settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, dns=Address("127.0.0.1", 1))
        assert proof_of(signed(written()), seconds=0.3).dmarc == "temperror"

    @settings_of_hypothesis(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_whatever_a_mail_and_dns_say_there_is_a_verdict(self, names, data):
        content = bytearray(data.draw(st.sampled_from(VARIANTS))())
        for _ in range(data.draw(st.integers(0, 4))):
            at = data.draw(st.integers(0, len(content)))
            content[at : at + data.draw(st.integers(0, 40))] = data.draw(ODD)
        texts = [f"v=spf1 {data.draw(TERMS)}", f"v=DMARC1; p={data.draw(TERMS)}", f"v=DKIM1; {data.draw(TERMS)}"]
        for name, text in zip(
            ("acme.example", "_dmarc.acme.example", "s2._domainkey.acme.example"), texts, strict=True
        ):
            names.publish(name, "TXT", text)
        proof = proof_of(bytes(content), path=data.draw(st.sampled_from(["a@acme.example", "", "a@b"])))
        assert {proof.spf, proof.dkim, proof.dmarc} <= WORDS

    @pytest.mark.parametrize(
        "content", [b"", b"\r\n", b"x", b"\0" * 100, b"From : a@b\r\n\r\n", b" x\r\n", b"A: b\r\n" * 2_000]
    )
    def test_what_is_no_mail_proves_nothing(self, names, content):
        assert proof_of(content).dmarc == "permerror"

    def test_a_header_without_end_proves_nothing_quickly(self, names):
        started = time.process_time()
        assert proof_of(written(more="X: y\r\n" + " z\r\n" * 100_000)).dmarc == "permerror"
        assert time.process_time() - started < 5

    @pytest.mark.parametrize("sender", ["", "alice", "alice@[192.0.2.7]", "a@b\\.c.example"])
    def test_what_is_no_address_is_not_proven(self, names, sender):
        assert proof_of(written(), sender=sender).dmarc == "permerror"

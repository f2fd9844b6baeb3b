"""Authentication-Results: when the front server is believed, and what of it."""

import dataclasses
from ipaddress import ip_network

import pytest
from proving import proof_of, signed, written

from caselli.doors.mail.trust import Proof


class TestTheFrontServer:
    FRONT = "mx.caselli.example"

    def told(self, *results, server="mx.caselli.example"):
        return f"Authentication-Results: {server};\r\n {'; '.join(results)}\r\n".encode()

    def judged(self, content, **how):
        return proof_of(content, **({"client": "127.0.0.1", "front": self.FRONT} | how))

    def test_what_it_found_is_taken_and_dns_is_not_asked(self, names):
        content = self.told(
            "spf=softfail (sender is (not) here) smtp.mailfrom=x@acme.example",
            'dkim=fail reason="bad key" header.d=other.example',
            "dkim=pass (2048-bit (key\\)) ;dmarc=fail) header.d=acme.example header.i=@acme.example",
            "dmarc=pass (p=reject dis=none) header.from=acme.example",
        )
        assert self.judged(content + written()) == Proof("softfail", "pass", "pass", self.FRONT)
        assert not names.asked

    @pytest.mark.parametrize(
        "title", ["MX.Caselli.Example", "mx.caselli.example 1", "(a comment) mx.caselli.example (b) 1 (c)"]
    )
    def test_its_name_is_read_in_all_its_writings(self, names, title):
        assert self.judged(self.told("dmarc=pass", server=title) + written()).dmarc == "pass"

    def test_only_the_topmost_field_of_its_name_counts(self, names):
        content = self.told("dmarc=fail") + self.told("dmarc=pass") + written()
        assert self.judged(content).dmarc == "fail"
        assert self.judged(self.told("dmarc=pass" + " x" * 9_000) + self.told("dmarc=pass") + written()).dmarc == "none"

    def test_each_filter_of_it_may_write_a_field_of_its_own(self, names):
        """As opendkim 2.11 and opendmarc 1.4 do in Postfix, above its Received."""
        content = (
            self.told("dmarc=pass (p=reject dis=none) header.from=acme.example")
            + self.told("spf=softfail smtp.mailfrom=acme.example")
            + self.told("dkim=pass (2048-bit key; unprotected) header.d=acme.example header.s=s1", "dkim-atps=neutral")
        )
        forged = self.told("spf=pass", "dkim=fail", "dmarc=pass")
        received = b"Received: from a by b; Thu, 26 Nov 2026 05:51:18 +0000\r\n"
        told = Proof("softfail", "pass", "pass", self.FRONT)
        assert self.judged(content + received + forged + written()) == told
        only_dkim = self.told("dkim=none") + received + forged + written()
        assert self.judged(only_dkim) == Proof("none", "none", "none", self.FRONT)
        below = self.told("dkim=none") + self.told("dmarc=pass") + written()
        assert self.judged(below).dmarc == "none"

    @pytest.mark.parametrize(
        ("received", "believed"),
        [
            ("from mail.acme.example (unknown [198.51.100.7])\r\n\tby MX.caselli.example (Postfix) with ESMTP", False),
            ("from [127.0.0.1] (unknown [198.51.100.7])\r\n\tby mx.caselli.example (Postfix) with ESMTP", False),
            ("from a by mx.caselli.example (x [127.0.0.1]) by mx.caselli.example with ESMTP", False),
            ("by mx.caselli.example with LMTP", False),
            ("from filter (localhost [127.0.0.1])\r\n\tby mx.caselli.example (Postfix) with ESMTP", True),
            ("from filter (localhost [IPv6:::1])\r\n\tby mx.caselli.example (Postfix) with ESMTP", True),
            ("from mx.caselli.example (mx.caselli.example [192.0.2.25])\r\n\tby inner.caselli.example", True),
        ],
    )
    def test_what_stands_below_its_own_received_came_with_the_mail(self, names, received, believed):
        """Its filters were down; or it has none for the mail, because it hands it over before the queue."""
        content = f"Received: {received}; Thu, 26 Nov 2026\r\n".encode() + self.told("dmarc=pass") + written()
        assert self.judged(content).judged_by == (self.FRONT if believed else "")
        assert self.judged(content, client="").judged_by == self.FRONT  # a mailbox is its provider's

    def test_fields_of_others_are_passed_over(self, names):
        content = self.told("dmarc=pass", server="evil.example") + self.told(
            "dmarc=pass", server="x.mx.caselli.example"
        )
        assert self.judged(content + self.told("dmarc=fail") + written()) == Proof("none", "none", "fail", self.FRONT)
        assert self.judged(content + written()) == Proof("none", "none", "none")

    def test_a_result_for_another_sender_is_not_taken_for_this_one(self, names):
        content = self.told("dmarc=pass header.from=evil.example") + written()
        assert self.judged(content).dmarc == "permerror"
        assert self.judged(self.told("dmarc=pass", "dmarc=fail") + written()).dmarc == "permerror"
        assert self.judged(self.told("dmarc=pass") + b"From: x@evil.example\r\n" + written()).dmarc == "permerror"

    @pytest.mark.parametrize("result", ["none", "dmarc=bestguesspass", "dmarc=hardfail", "spf=pass", "dmarc=none"])
    def test_what_is_no_pass_is_none(self, names, result):
        assert self.judged(self.told(result) + written()).dmarc == "none"

    @pytest.mark.parametrize("value", ["dmarc", "=pass", "dmarc=pass; ;;", "(" * 3_000, "(dmarc=pass", "dmarc=pass\0"])
    def test_where_it_cannot_be_read_we_judge_ourselves(self, names, value):
        proof = self.judged(self.told(value) + signed(written()))
        assert proof == Proof("none", "pass", "pass")

    def test_a_stranger_who_writes_its_field_is_not_believed(self, names):
        content = self.told("dmarc=pass header.from=acme.example") + written()
        assert self.judged(content, client="192.0.2.66") == Proof("fail", "none", "fail")

    @pytest.mark.parametrize("client", [None, "", "127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.25", "2001:db8::25"])
    def test_it_is_believed_when_it_hands_the_mail_over(self, names, client):
        names.publish(self.FRONT, "A", "192.0.2.25")
        names.publish(self.FRONT, "AAAA", "2001:db8::25")
        assert self.judged(self.told("dmarc=pass") + written(), client=client).judged_by == self.FRONT

    def test_so_it_is_from_a_trusted_proxy(self, names, settings):
        content = self.told("dmarc=pass") + written()
        assert self.judged(content, client="172.18.0.3").judged_by == ""
        networks = (ip_network("172.18.0.0/16"),)
        settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, trusted_proxies=networks)
        assert self.judged(content, client="172.18.0.3").judged_by == self.FRONT

    def test_a_trusted_proxy_is_never_the_sender(self, names, settings):
        networks = (ip_network("192.0.2.0/24"),)
        settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, trusted_proxies=networks)
        for front in ("", self.FRONT):
            assert self.judged(signed(written()), client="192.0.2.99", front=front) == Proof("none", "pass", "pass")

    def test_where_it_said_nothing_its_own_address_is_not_taken_for_the_senders(self, names):
        names.publish(self.FRONT, "A", "192.0.2.25")
        assert self.judged(signed(written()), client="192.0.2.25") == Proof("none", "pass", "pass")

    def test_trouble_with_its_own_name_says_later(self, names):
        names.broken.add(self.FRONT)
        assert self.judged(written(), client="192.0.2.25").dmarc == "temperror"

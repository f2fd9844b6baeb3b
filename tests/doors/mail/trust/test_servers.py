"""SPF: what a domain says of its servers."""

import pytest
from proving import CLIENT, proof_of, written

from caselli.doors.mail import trust_dns
from caselli.doors.mail.trust import Envelope, Proof, prove


class TestServers:
    """All without a signature."""

    def spf(self, **how):
        return proof_of(written(), **how).spf

    @pytest.mark.parametrize(("record", "word"), [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 a -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 include:other.example -all", "pass"),
        ("v=spf1 redirect=other.example", "pass"),
        ("v=spf1 exists:%{ir}.list.example -all", "pass"),
        ("v=spf1 ptr -all", "pass"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1 -all exp=why.example", "fail"),
        ("v=spf1 nonsense", "permerror"),
        ("v=spf1 include:nowhere.example -all", "permerror"),
        ("v=spf1 include:acme.example -all", "permerror"),
        ("v=spf1 include:loop.example -all", "permerror"),
        ("v=spf1 redirect=acme.example", "permerror"),
        ("v=spf1 a:v1.example a:v2.example a:v3.example +all", "permerror"),
        ("v=spf1 " + " ".join(f"a:acme{n}.example" for n in range(11)) + " +all", "permerror"),
        ("v=spf1 " + "ip4:192.0.2.1 " * 400 + "+all", "permerror"),
        ("hello", "none"),
    ])  # fmt: skip
    def test_what_the_domain_says_of_its_servers_is_understood(self, names, record, word):
        names.publish("acme.example", "TXT", record)
        names.publish("acme.example", "A", CLIENT)
        names.publish("acme.example", "MX", "10 mail.acme.example.")
        names.publish("mail.acme.example", "A", CLIENT)
        names.publish("other.example", "TXT", "v=spf1 ip4:192.0.2.7 -all")
        names.publish("loop.example", "TXT", "v=spf1 include:acme.example -all")
        names.publish("7.2.0.192.list.example", "A", "127.0.0.2")
        names.publish("7.2.0.192.in-addr.arpa", "PTR", "mail.acme.example.")
        for number in range(11):
            names.publish(f"acme{number}.example", "A", "192.0.2.99")
        assert self.spf() == word
        assert sum(names.asked.values()) <= trust_dns.MOST

    def test_a_client_by_ipv6_is_understood_and_one_by_ipv4_in_it(self, names):
        names.publish("acme.example", "TXT", "v=spf1 ip6:2001:db8::/64 ip4:192.0.2.7 -all")
        assert self.spf(client="2001:db8::1") == "pass"
        assert self.spf(client="2001:db8:1::1") == "fail"
        assert self.spf(client="::ffff:192.0.2.7") == "pass"

    @pytest.mark.parametrize("client", [None, "", "127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fe80::1", "unix:"])
    def test_without_a_client_of_the_public_network_nothing_is_asked(self, names, client):
        assert proof_of(written(), client=client) == Proof("none", "none", "none")
        assert not names.asked

    @pytest.mark.parametrize(
        "path", ["a@localhost", "a@[192.0.2.7]", "a@b c.example", "a@b\\.example", "@", "a@..", "x" * 400]
    )
    def test_a_path_without_a_domain_proves_nothing(self, names, path):
        proof = prove(written(), Envelope(CLIENT, "[192.0.2.7]", path), "alice@acme.example", "")
        assert (proof.spf, proof.dmarc) == ("none", "fail")

    def test_questions_have_an_end(self, names):
        names.publish("acme.example", "TXT", "v=spf1 " + " ".join(f"mx:m{n}.example" for n in range(10)) + " -all")
        for number in range(10):
            names.publish(f"m{number}.example", "MX", *(f"10 x{number}-{one}.example." for one in range(10)))
            for one in range(10):
                names.publish(f"x{number}-{one}.example", "A", "192.0.2.99")
        assert self.spf() == "permerror"
        assert sum(names.asked.values()) <= trust_dns.MOST

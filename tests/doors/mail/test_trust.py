"""The sender's proof, against a real name server and with real signatures."""

import dataclasses
import time
from functools import cache
from ipaddress import ip_network

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from name_server import NameServer

from caselli.doors.mail import trust_dns
from caselli.doors.mail.trust import Envelope, Proof, prove
from caselli.doors.mail.trust_dmarc import organization
from caselli.doors.mail.trust_message import Body, Message, UnreadableError, opened
from caselli.project.configuration import Address

CLIENT = "192.0.2.7"
BODY = "Please see below.\r\n\r\nAlice   \r\n"
WORDS = {"none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"}
ODD = st.sampled_from(
    [b"", b"\r\n", b"\0", b"\xff\xfe", b";", b"=", b"(", b'"', b"l=3;", b"d=evil.example;", b": ", b" \t"]
)
TERMS = st.lists(
    st.sampled_from(["a", "mx", "ptr", "-all", "include:acme.example", "exists:%{ir}.%{l1r-}.example", "%{", "reject",
                     "a:%{p}.x", "ip4:1/99", "redirect=x.example", "exp=%{", "adkim=s;", "k=rsa; p=AAAA", ";;", "é"]),
    max_size=5,
).map(" ".join)  # fmt: skip


@pytest.fixture(scope="module")
def server():
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def names(server, settings):
    for one in (server.names, server.broken, server.silent, server.asked):
        one.clear()
    settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, dns=Address("127.0.0.1", server.port))
    server.publish("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject")
    server.publish("acme.example", "TXT", f"v=spf1 ip4:{CLIENT} -all")
    publish_key(server, "acme.example")
    return server


@cache
def key(bits=2048):
    """The private key as dkimpy takes it, and the public one as DNS has it (base64)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem, "".join(public.decode().splitlines()[1:-1])


def publish_key(names, domain, bits=2048, selector="s1", extra=""):
    names.publish(f"{selector}._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; {extra}p={key(bits)[1]}")


def written(sender="alice@acme.example", *, subject="210: +1 202 555 0100", more="", body=BODY):
    fields = (
        f"From: Alice <{sender}>\r\nTo: fax@caselli.example\r\nSubject: {subject}\r\nMessage-ID: <1@acme.example>\r\n"
    )
    return (f"{fields}{more}\r\n{body}").encode()


def signed(content, domain="acme.example", bits=2048, **how):
    settled = {"selector": b"s1", "include_headers": [b"from", b"subject", b"to"], "length": False} | how
    signature = dkim.DKIM(content).sign(settled.pop("selector"), domain.encode(), key(bits)[0], **settled)
    return signature + content


def proof_of(content, *, client=CLIENT, path="alice@acme.example", sender="alice@acme.example", front=""):
    return prove(content, Envelope(client, "mx.acme.example", path), sender, front)


VARIANTS = (
    written,
    lambda: signed(written()),
    lambda: signed(written(), selector=b"s2", length=True),
    lambda: signed(written(), canonicalize=(b"simple", b"simple")),
)


class TestWhoProvesTheSender:
    def test_its_server_and_its_signature_do(self, names):
        assert proof_of(signed(written())) == Proof("pass", "pass", "pass")

    def test_its_server_does_alone(self, names):
        assert proof_of(written()) == Proof("pass", "none", "pass")

    def test_its_signature_does_alone(self, names):
        assert proof_of(signed(written()), client="192.0.2.66") == Proof("fail", "pass", "pass")

    def test_nobody_does_for_a_forged_mail(self, names):
        assert proof_of(written(), client="192.0.2.66") == Proof("fail", "none", "fail")

    def test_a_file_is_read_like_bytes(self, names, tmp_path):
        (tmp_path / "mail").write_bytes(signed(written()))
        assert proof_of(tmp_path / "mail") == Proof("pass", "pass", "pass")

    def test_a_valid_signature_of_somebody_else_does_not(self, names):
        publish_key(names, "evil.example")
        names.publish("evil.example", "TXT", "v=spf1 +all")
        proof = proof_of(signed(written(), "evil.example"), client="192.0.2.66", path="eve@evil.example")
        assert proof == Proof("pass", "pass", "fail")

    @pytest.mark.parametrize("domain", ["acme.example-evil.test", "acme.example.evil.test", "evil-acme.example"])
    def test_a_domain_that_looks_alike_does_not(self, names, domain):
        publish_key(names, domain)
        names.publish(domain, "TXT", "v=spf1 +all")
        assert proof_of(signed(written(), domain), path=f"eve@{domain}").dmarc == "fail"

    def test_two_froms_prove_nothing(self, names):
        content = signed(b"From: eve@evil.example\r\n" + written())
        assert proof_of(content).dmarc == "permerror"
        assert proof_of(b"From: eve@evil.example\r\n" + signed(written())) == Proof("pass", "policy", "permerror")

    def test_a_domain_without_a_policy_has_no_word_to_keep(self, names):
        names.names.pop(("_dmarc.acme.example", "TXT"))
        assert proof_of(signed(written())) == Proof("pass", "pass", "none")

    def test_a_policy_of_none_is_kept_like_others(self, names):
        names.publish("_dmarc.acme.example", "TXT", "v=DMARC1; p=none")
        assert proof_of(written()).dmarc == "pass"
        assert proof_of(written(), client="192.0.2.66").dmarc == "fail"

    def test_a_bounce_is_judged_by_the_name_that_its_server_gave(self, names):
        names.publish("mx.acme.example", "TXT", "v=spf1 ip4:192.0.2.7 -all")
        assert proof_of(written(), path="") == Proof("pass", "none", "pass")

    def test_an_international_domain_is_asked_for_in_its_ascii_writing(self, names):
        domain = "xn--mnchen-3ya.example"
        names.publish(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=reject")
        names.publish(domain, "TXT", f"v=spf1 ip4:{CLIENT} -all")
        publish_key(names, domain)
        for sender in ("büro@münchen.example", "büro@XN--MNCHEN-3YA.example"):
            content = signed(written(sender), domain)
            assert proof_of(content, path=sender, sender=sender) == Proof("pass", "pass", "pass")


class TestAlignment:
    @pytest.mark.parametrize(("policy", "verdict"), [("", "pass"), ("; adkim=r", "pass"), ("; adkim=s", "fail")])
    def test_a_signature_of_the_organization_counts_unless_the_policy_is_strict(self, names, policy, verdict):
        names.publish("_dmarc.fax.acme.example", "TXT", f"v=DMARC1; p=reject{policy}")
        content = signed(written("alice@fax.acme.example"))
        assert proof_of(content, client=None, sender="alice@fax.acme.example").dmarc == verdict

    @pytest.mark.parametrize(("policy", "verdict"), [("", "pass"), ("; aspf = S ", "fail")])
    def test_so_does_a_server(self, names, policy, verdict):
        names.publish("_dmarc.fax.acme.example", "TXT", f"v=DMARC1; p=reject{policy}")
        assert proof_of(written("alice@fax.acme.example"), sender="alice@fax.acme.example").dmarc == verdict

    def test_the_organizations_policy_holds_for_its_subdomains(self, names):
        content = signed(written("alice@deep.fax.acme.example"))
        assert proof_of(content, sender="alice@deep.fax.acme.example").dmarc == "pass"

    @pytest.mark.parametrize(("domain", "of"), [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("com", "com"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.c.kawasaki.jp", "b.c.kawasaki.jp"),
        ("me.github.io", "me.github.io"),
        ("mail.amazonaws.com", "amazonaws.com"),
        ("a.bank.internal", "bank.internal"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
    ])  # fmt: skip
    def test_an_organization_is_one_label_more_than_a_public_suffix(self, domain, of):
        assert organization(domain) == of

    def test_two_policies_are_none(self, names):
        names.publish("_dmarc.acme.example", "TXT", "v=DMARC1; p=none", "v=DMARC1; p=reject")
        assert proof_of(written()).dmarc == "none"

    def test_other_texts_beside_the_policy_are_passed_over(self, names):
        names.publish(
            "_dmarc.acme.example", "TXT", "google-site-verification=x", "v=DMARC1;p=reject;;adkim", "v=DMARC10;p=x"
        )
        assert proof_of(written()).dmarc == "pass"

    def test_a_policy_that_asks_for_nothing_is_broken(self, names):
        names.publish("_dmarc.acme.example", "TXT", "v=DMARC1; p=maybe")
        assert proof_of(written()).dmarc == "permerror"


class TestSignatures:
    """All without a client, so that DKIM alone can prove anything."""

    def dkim(self, content):
        proof = proof_of(content, client=None)
        assert (proof.dmarc == "pass") == (proof.dkim == "pass")
        return proof.dkim

    @pytest.mark.parametrize("form", [(b"simple", b"simple"), (b"relaxed", b"relaxed"), (b"relaxed", b"simple")])
    @pytest.mark.parametrize(
        "body", [BODY, "", "\r\n\r\n", "a\t b \r\n\r\n\r\n", "x" * 200_000 + " \r\n", " " * 70_000 + "\r\n"]
    )
    def test_every_canonical_form_is_read(self, names, form, body):
        assert self.dkim(signed(written(body=body), canonicalize=form)) == "pass"

    def test_a_changed_body_is_seen(self, names):
        assert self.dkim(signed(written()).replace(b"below", b"above")) == "fail"

    def test_a_changed_subject_is_seen(self, names):
        assert self.dkim(signed(written()).replace(b"0100", b"0900")) == "fail"

    def test_a_tail_that_is_not_signed_is_not_accepted(self, names):
        content = signed(written(), length=True)
        assert self.dkim(content) == "pass"
        assert self.dkim(content + b"And 500 more pages.\r\n") == "policy"

    def test_a_subject_that_is_not_signed_is_not_accepted(self, names):
        assert self.dkim(signed(written(), include_headers=[b"from", b"to"])) == "policy"

    @pytest.mark.parametrize("name", ["Subject", "Content-Type"])
    def test_a_second_field_above_the_signed_one_is_not_accepted(self, names, name):
        content = signed(written(more="Content-Type: text/plain\r\n"))
        assert self.dkim(f"{name}: +1 900 555 0100\r\n".encode() + content) == "policy"

    def test_a_field_behind_half_a_line_end_is_not_hidden_from_the_signature(self, names):
        content = b"X-Note: y\rSubject: +1 900 555 0100\r\n" + signed(written())
        assert proof_of(content).dmarc == "permerror"

    def test_a_from_that_is_not_signed_is_an_error(self, names):
        assert self.dkim(signed(written()).replace(b"h=from : ", b"h=")) == "permerror"

    def test_sha1_is_no_proof_any_more(self, names):
        assert self.dkim(signed(written(), signature_algorithm=b"rsa-sha1")) == "permerror"

    def test_a_missing_key_is_an_error_and_so_is_a_withdrawn_or_broken_one(self, names):
        content = signed(written())
        for record in (
            None,
            "v=DKIM1; p=",
            "v=DKIM1; p=AAAA",
            "p",
            "v=DKIM1; k=dsa; p=AAAA",
            "v=DKIM1; k=ed25519; p=AAAA",
        ):
            names.names.pop(("s1._domainkey.acme.example", "TXT"), None)
            if record:
                names.publish("s1._domainkey.acme.example", "TXT", record)
            assert self.dkim(content) == "permerror"

    def test_a_key_for_something_else_than_mail_is_no_proof(self, names):
        publish_key(names, "acme.example", extra="s=tlsrpt; ")
        assert self.dkim(signed(written())) == "fail"

    @pytest.mark.parametrize("bits", [512, 16_384])
    def test_a_key_that_is_too_small_or_monstrous_is_not_accepted(self, names, bits):
        if bits == 512:
            record = (
                "MEgCQQC3//sR2tXw0wrC2DySx8vNGlqt3Y7ldU9+LBLI6e1KS5lfc5jlTGF7KBTSkCHBM3ouEHWqp1ZJ85iJe59aF5gIAgMBAAE="
            )
        else:
            record = monstrous(bits)
        names.publish("s1._domainkey.acme.example", "TXT", f"v=DKIM1; p={record}")
        assert self.dkim(signed(written())) == "policy"

    def test_a_record_without_end_is_not_accepted(self, names):
        names.publish("s1._domainkey.acme.example", "TXT", f"v=DKIM1; n={'x' * 60_000}; p={key()[1]}")
        assert self.dkim(signed(written())) == "policy"

    def test_the_signature_of_the_sender_is_found_among_a_thousand(self, names):
        content = signed(written())
        for number in range(900):
            content = (
                f"DKIM-Signature: v=1; a=rsa-sha256; d=e{number}.example; s=s; h=from; bh=AA==; b=AA==\r\n".encode()
                + content
            )
        assert self.dkim(content) == "pass"
        assert sum(names.asked.values()) <= 10

    def test_a_signature_of_a_name_that_reads_in_two_ways_counts_for_nobody(self, names):
        names.publish("s1._domainkey.acme.example", "TXT", "v=DKIM1; p=")
        content = signed(written(), "acme.example .evil.test")
        assert self.dkim(content) == "neutral"

    @pytest.mark.parametrize("value", [
        "", ";", "v=1", "v=1; d=acme.example; d=evil.example", "v=1; a=x; b=x; bh=x; d=acme.example; h=from; s=s1",
        "\0\xff", "=" * 8_000, "v=1; b" + " " * 8_000, "v=1; b" + "\r\n " * 60_000, "v=1; h=" + "x:" * 3_000,
    ])  # fmt: skip
    def test_what_is_no_signature_proves_nothing_quickly(self, names, value):
        started = time.process_time()
        assert self.dkim(f"DKIM-Signature: {value}\r\n".encode("latin-1") + written()) == "neutral"
        assert time.process_time() - started < 5

    def test_a_body_of_blanks_takes_no_longer_than_another(self, names):
        started = time.process_time()
        assert self.dkim(signed(written(), canonicalize=(b"relaxed", b"relaxed")) + b" " * 3_000_000 + b"x") == "fail"
        assert time.process_time() - started < 5

    @given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r", b"\n", b"\r\n", b"bc \r\n", b"\r\n\r\n"]), max_size=30))
    def test_the_body_is_hashed_as_dkimpy_does(self, pieces):
        text = b"".join([*pieces, b"\r\n"])
        whole = dkim.rfc822_parse(b"A: b\r\n\r\n" + text)[1]
        for relaxed, form in ((False, b"simple"), (True, b"relaxed")):
            body = Body(relaxed=relaxed)
            for piece in cut(text):
                body.feed(piece)
            body.end()
            expected = dkim.CanonicalizationPolicy.from_c_value(b"simple/" + form).canonicalize_body(whole)
            assert body.length == len(expected)
            assert body.digest == dkim.hashlib.sha256(expected).digest()

    @given(st.binary(max_size=200))
    def test_any_header_is_read_or_refused(self, content):
        with opened(content) as file:
            try:
                message = Message(file)
            except UnreadableError:
                return
        assert [list(one) for one in message.fields] == dkim.rfc822_parse(content)[0]


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

    @pytest.fixture
    def in_haste(self, monkeypatch):
        monkeypatch.setattr(trust_dns.Questions.__init__, "__defaults__", (0.3, trust_dns.MOST))

    @pytest.mark.usefixtures("in_haste")
    def test_a_name_server_that_is_silent_costs_a_bounded_time(self, names):
        names.silent |= {"_dmarc.acme.example", "acme.example", "s1._domainkey.acme.example"}
        started = time.monotonic()
        assert proof_of(signed(written())) == Proof("temperror", "temperror", "temperror")
        assert time.monotonic() - started < 5

    @pytest.mark.usefixtures("in_haste")
    def test_no_name_server_at_all_says_later(self, names, settings):
        settings.CONFIGURATION = dataclasses.replace(settings.CONFIGURATION, dns=Address("127.0.0.1", 1))
        assert proof_of(signed(written())).dmarc == "temperror"

    @settings_of_hypothesis(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def cut(text):
    """As a file that is read line by line, in pieces of at most three bytes."""
    while text:
        end = text.find(b"\n") + 1
        size = min(end or len(text), 3)
        yield text[:size]
        text = text[size:]


def monstrous(bits):
    """A public key of that size, which nobody has the private half of: DER by hand (X.690)."""
    import base64

    def part(tag, content):
        size = len(content).to_bytes(2)
        return bytes([tag, 0x82]) + size + content

    modulus = part(2, b"\0" + b"\xff" * (bits // 8))
    return base64.b64encode(part(0x30, modulus + part(2, b"\1\0\1"))).decode()

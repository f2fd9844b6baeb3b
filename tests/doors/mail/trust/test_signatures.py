"""DKIM: which signatures count, and that none takes long."""

import base64
import time

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proving import BODY, key, proof_of, publish_key, signed, written

from caselli.doors.mail.trust_message import Body, Message, UnreadableError, opened


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


def cut(text):
    """As a file that is read line by line, in pieces of at most three bytes."""
    while text:
        end = text.find(b"\n") + 1
        size = min(end or len(text), 3)
        yield text[:size]
        text = text[size:]


def monstrous(bits):
    """A public key of that size, which nobody has the private half of: DER by hand (X.690)."""

    def part(tag, content):
        size = len(content).to_bytes(2)
        return bytes([tag, 0x82]) + size + content

    modulus = part(2, b"\0" + b"\xff" * (bits // 8))
    return base64.b64encode(part(0x30, modulus + part(2, b"\1\0\1"))).decode()

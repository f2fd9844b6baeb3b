"""Who proves the sender, and whose proof belongs to the From."""

import pytest
from proving import CLIENT, proof_of, publish_key, signed, written

from caselli.doors.mail.trust import Proof
from caselli.doors.mail.trust_dmarc import organization


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

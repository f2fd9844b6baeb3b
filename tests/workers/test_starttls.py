"""STARTTLS has the certificate of the pages or the operator's own, and follows when it changes."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from caselli.project import configuration
from caselli.workers.certificate import CertificateError, certificate_for
from caselli.workers.starttls import StartTls

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def settled(tmp_path):
    return replace(configuration.load(), home=tmp_path)


def shown(tls: StartTls) -> bytes:
    """The certificate that a client would be shown, by a handshake in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    client = trusting.wrap_bio(to_client, to_server)
    server = tls.context.wrap_bio(to_server, to_client, server_side=True)
    for one in (client, server, client, server):
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert(binary_form=True)


def test_without_words_of_the_operator_it_is_the_one_of_the_pages(settled):
    tls = StartTls(settled)
    pem = (settled.home / "tls" / "certificate.pem").read_text()
    assert shown(tls) == ssl.PEM_cert_to_DER_cert(pem)


def test_the_operators_own_is_taken_and_followed_when_it_is_renewed(settled, tmp_path):
    made = certificate_for(tmp_path / "own", ["mx.example"], NOW)
    tls = StartTls(replace(settled, smtp_certificate=made.chain, smtp_key=made.key))
    first = shown(tls)
    assert first == ssl.PEM_cert_to_DER_cert(made.chain.read_text())
    made.chain.unlink()
    made.key.unlink()
    tls.look()  # in the middle of the renewal: nothing to take up
    assert shown(tls) == first
    renewed = certificate_for(tmp_path / "own", ["mx.example"], NOW)
    tls.look()
    assert shown(tls) == ssl.PEM_cert_to_DER_cert(renewed.chain.read_text()) != first


def test_a_pair_that_does_not_fit_is_said_with_its_names(settled, tmp_path):
    one, other = (certificate_for(tmp_path / name, ["mx.example"], NOW) for name in ("one", "other"))
    with pytest.raises(CertificateError, match=r"one/certificate\.pem and .*other/key\.pem are no certificate"):
        StartTls(replace(settled, smtp_certificate=one.chain, smtp_key=other.key))


def test_certificate_and_key_are_given_together(monkeypatch):
    monkeypatch.setenv("CASELLI_SMTP_CERTIFICATE", "/etc/tls/mail.pem")
    with pytest.raises(configuration.ConfigurationError, match="CASELLI_SMTP_KEY is missing"):
        configuration.load()
    monkeypatch.setenv("CASELLI_SMTP_KEY", "/etc/tls/mail.key")
    assert str(configuration.load().smtp_key) == "/etc/tls/mail.key"


def test_lmtp_is_off_until_an_address_is_given(monkeypatch):
    assert configuration.load().lmtp is None
    monkeypatch.setenv("CASELLI_LMTP", "127.0.0.1:8473")
    assert str(configuration.load().lmtp) == "127.0.0.1:8473"

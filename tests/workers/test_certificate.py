"""A certificate is there at the first start, is renewed in time, and the operator's own is never touched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from caselli.workers.certificate import LIFE, CertificateError, certificate_for, names_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def operators_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def bring(folder: Path, key: rsa.RSAPrivateKey, form: serialization.PrivateFormat, ends: datetime) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fax.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


def test_one_is_made_when_there_is_none_readable_by_us_alone(tmp_path: Path):
    made = certificate_for(tmp_path / "tls", ["fax.example", "192.0.2.7"], NOW)
    assert made.ours
    assert made.expires == NOW + LIFE
    assert made.key.stat().st_mode & 0o777 == 0o600
    names = x509.load_pem_x509_certificate(made.chain.read_bytes()).extensions
    told = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in told] == ["fax.example", "192.0.2.7"]


def test_it_stays_the_same_while_it_lasts(tmp_path: Path):
    made = certificate_for(tmp_path, ["fax.example"], NOW)
    before = made.chain.read_bytes()
    assert certificate_for(tmp_path, ["fax.example"], NOW + LIFE - timedelta(days=31)) == made
    assert made.chain.read_bytes() == before


def test_ours_is_renewed_a_month_before_its_end(tmp_path: Path):
    certificate_for(tmp_path, ["fax.example"], NOW)
    later = NOW + LIFE - timedelta(days=29)
    assert certificate_for(tmp_path, ["fax.example"], later).expires == later + LIFE


def test_ours_is_made_anew_when_the_host_is_called_otherwise(tmp_path: Path):
    first = certificate_for(tmp_path, ["fax.example"], NOW).chain.read_bytes()
    second = certificate_for(tmp_path, ["fax.example", "office.example"], NOW)
    assert second.chain.read_bytes() != first


def test_the_operators_own_is_taken_as_it_is_even_when_it_has_ended(tmp_path: Path, operators_key: rsa.RSAPrivateKey):
    bring(tmp_path, operators_key, serialization.PrivateFormat.PKCS8, NOW - timedelta(days=1))
    before = (tmp_path / "certificate.pem").read_bytes()
    found = certificate_for(tmp_path, ["office.example"], NOW)
    assert not found.ours
    assert found.is_about_to_expire(NOW)
    assert found.chain.read_bytes() == before
    assert found.key == tmp_path / "key.pem"


def test_a_key_in_the_older_form_is_copied_for_the_server(tmp_path: Path, operators_key: rsa.RSAPrivateKey):
    bring(tmp_path, operators_key, serialization.PrivateFormat.TraditionalOpenSSL, NOW + timedelta(days=60))
    found = certificate_for(tmp_path, [], NOW)
    assert found.key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert found.key.stat().st_mode & 0o777 == 0o600


def test_a_key_of_another_certificate_is_refused(tmp_path: Path, operators_key: rsa.RSAPrivateKey):
    certificate_for(tmp_path / "other", ["fax.example"], NOW)
    bring(tmp_path, operators_key, serialization.PrivateFormat.PKCS8, NOW + timedelta(days=60))
    (tmp_path / "key.pem").write_bytes((tmp_path / "other/key.pem").read_bytes())
    with pytest.raises(CertificateError, match="is not the key of"):
        certificate_for(tmp_path, [], NOW)


def test_half_a_pair_is_refused(tmp_path: Path, operators_key: rsa.RSAPrivateKey):
    bring(tmp_path, operators_key, serialization.PrivateFormat.PKCS8, NOW + timedelta(days=60))
    (tmp_path / "key.pem").unlink()
    with pytest.raises(CertificateError, match="must hold"):
        certificate_for(tmp_path, [], NOW)


def test_an_address_that_means_everywhere_is_no_name():
    assert "0.0.0.0" not in names_of("0.0.0.0", "fax.example")
    assert "fax.example" in names_of("0.0.0.0", "fax.example")

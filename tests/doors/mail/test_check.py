"""Whose a mail is, and whether there is a fax in it: what the tables say."""

import pytest
from doors.mail import corpus
from doors.mail.corpus.making import pdf

from caselli.doors.mail import check
from caselli.doors.mail.message import Head, Mail, Part, PartKind
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.store.models import AuthorizedAddress, MailContent, Preferences

NUMBER = "+1 202 555 0100"


@pytest.fixture(autouse=True)
def tables(cast):
    corpus.furnish(cast.clinic, cast.rival, cast.alice)


def head(sender: str = "alice@clinic.example", subject: str = NUMBER) -> Head:
    return Head((sender,), "", subject, "<1@clinic.example>", "")


def mail(*names: str, plain: str = "", content: bytes | None = None, left_out: tuple[str, ...] = ()) -> Mail:
    given = pdf() if content is None else content
    parts = tuple(Part(PartKind.ATTACHMENT, name, "application/pdf", given) for name in names)
    return Mail(head(), plain, "", parts, (), left_out)


def kinds(refused: pytest.ExceptionInfo[Refusals]) -> list[RefusalKind]:
    return [one.kind for one in refused.value.all]


def test_the_sender_is_given_as_it_is_kept(cast):
    found = check.addressed(head("ALICE+scan@Clinic.Example"))
    assert (found.sender, found.extension, found.recipients) == ("alice@clinic.example", cast.desk, (NUMBER,))


def test_an_address_with_a_tag_of_its_own_goes_before_the_one_without(cast):
    AuthorizedAddress.objects.create(extension=cast.lab, address="alice+lab@clinic.example")
    assert check.addressed(head("alice+lab@clinic.example")).extension == cast.lab
    assert check.addressed(head("alice+other@clinic.example")).extension == cast.desk


def test_who_is_authorized_is_known_without_a_subject(cast):
    assert check.authorized(head("both@clinic.example", "hello")) == ("both@clinic.example", (cast.desk, cast.lab))
    assert check.authorized(head("m@evil.example")) == ("", ())
    assert check.authorized(Head((), "", "", "", "")) == ("", ())
    assert check.authorized(Head(("alice@clinic.example", "m@evil.example"), "", "", "", "")) == ("", ())


def test_a_stranger_hears_nothing_of_numbers_and_extensions():
    with pytest.raises(Refusals) as refused:
        check.addressed(head("m@evil.example", "210: 999, Fwd"))
    assert kinds(refused) == [RefusalKind.SENDER_UNKNOWN]


def test_a_foreign_extension_and_none_are_told_apart_by_nobody():
    sentences = []
    for named in ("211", "999", "0004*310"):
        with pytest.raises(Refusals) as refused:
            check.addressed(head(subject=f"{named}: {NUMBER}"))
        assert kinds(refused) == [RefusalKind.EXTENSION_UNKNOWN]
        sentences.append(str(refused.value).replace(named, "?"))
    assert len(set(sentences)) == 1


def test_two_extensions_of_one_number_are_named_in_full(cast):
    for extension in (cast.desk, cast.foreign.__class__.objects.get(organization=cast.rival, number="210")):
        AuthorizedAddress.objects.create(extension=extension, address="far@clinic.example")
    for subject in (NUMBER, f"210: {NUMBER}"):
        with pytest.raises(Refusals) as refused:
            check.addressed(head("far@clinic.example", subject))
        assert kinds(refused) == [RefusalKind.SENDER_AMBIGUOUS]
        assert "0003*210 and 0004*210" in str(refused.value)
    assert check.addressed(head("far@clinic.example", f"0004*210: {NUMBER}")).extension.organization == cast.rival


def test_all_that_is_wrong_is_said_at_once(cast):
    cast.clinic.enabled = False
    cast.clinic.save()
    with pytest.raises(Refusals) as refused:
        check.addressed(head(subject="+1 202 555, 999"))
    assert kinds(refused) == [
        RefusalKind.ORGANIZATION_OFF,
        RefusalKind.RECIPIENT_INVALID,
        RefusalKind.RECIPIENT_UNKNOWN_EXTENSION,
    ]
    with pytest.raises(Refusals) as refused:
        check.addressed(head(subject="hello"))
    assert kinds(refused) == [RefusalKind.ORGANIZATION_OFF, RefusalKind.SUBJECT_INVALID]


def test_a_number_that_no_trunk_takes_is_refused_in_the_dialogue(cast):
    cast.trunk.enabled = False
    cast.trunk.save()
    with pytest.raises(Refusals) as refused:
        check.addressed(head())
    assert kinds(refused) == [RefusalKind.NO_TRUNK]


def test_as_many_documents_as_the_preferences_allow(cast):
    Preferences.objects.update_or_create(id=1, defaults={"files_limit": 2})
    check.contents(mail("a.pdf", "b.pdf", plain="Hello"), cast.desk)
    cast.desk.mail_content = MailContent.BOTH
    check.contents(mail("a.pdf", "b.pdf", plain="Hello"), cast.desk)
    with pytest.raises(Refusals) as refused:
        check.contents(mail("a.pdf", "b.pdf", "c.pdf"), cast.desk)
    assert kinds(refused) == [RefusalKind.FILES_TOO_MANY]


def test_a_mail_without_documents_is_its_text(cast):
    check.contents(mail(plain="Hello"), cast.desk)


def test_an_extension_that_faxes_texts_says_so(cast):
    cast.desk.mail_content = MailContent.TEXT
    with pytest.raises(Refusals) as refused:
        check.contents(mail("a.pdf"), cast.desk)
    assert kinds(refused) == [RefusalKind.MAIL_EMPTY]
    assert "Extension 210 faxes the text" in str(refused.value)
    check.contents(mail("broken.xyz", plain="Hello", content=b"\x00\x01"), cast.desk)


def test_what_was_left_out_is_said_where_nothing_remains(cast):
    with pytest.raises(Refusals, match=r"“a\.vcf” is left out"):
        check.contents(mail(left_out=("“a.vcf” is left out: a contact card is no document.",)), cast.desk)


def test_a_remedy_speaks_of_mails():
    said = check.for_mail(
        Refusal(RefusalKind.FILE_EMPTY, "files", "It is empty.", "Upload it again or choose another.")
    )
    assert said.remedy == "Send it again or choose another."

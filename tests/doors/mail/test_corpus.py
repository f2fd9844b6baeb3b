"""Every mail of the corpus meets its fate: refused with its reasons, or read as what it is."""

from collections import Counter

import pytest
from doors.mail import corpus

from caselli.documents.signatures import Stranger, recognise
from caselli.doors.mail import check, parse
from caselli.doors.mail.message import Mail
from caselli.fax.refusals import Refusal, Refusals


@pytest.fixture
def tables(cast):
    corpus.furnish(cast.clinic, cast.rival, cast.alice)


def judged(content: bytes) -> tuple[check.Addressed, Mail]:
    """As the dialogue does it."""
    addressed = check.addressed(parse.read_head(content))
    mail = parse.read(content)
    check.contents(mail, addressed.extension, addressed.recipients)
    return addressed, mail


def kind_of(content: bytes) -> str:
    kind = recognise(content)
    return "?" if isinstance(kind, Stranger) else kind.value


def what_differs(case: corpus.Case) -> str:
    """Between the fate that was told and the true one; empty where nothing does."""
    try:
        addressed, mail = judged(case.content)
    except (Refusal, Refusals) as error:
        return _refused_otherwise(case.fate, error)
    return _taken_otherwise(case.fate, addressed, mail)


def _refused_otherwise(fate: corpus.Fate, error: Refusal | Refusals) -> str:
    refusals = error.all if isinstance(error, Refusals) else (error,)
    if not isinstance(fate, corpus.Refused):
        return f"was refused: {error}"
    if (kinds := tuple(one.kind for one in refusals)) != fate.kinds:
        return f"was refused for other reasons: {kinds}: {error}"
    if missing := [words for words in fate.says if words not in str(error)]:
        return f"does not say {missing}: {error}"
    return "" if all(one.sentence and one.remedy for one in refusals) else f"has no words: {error}"


def _taken_otherwise(fate: corpus.Fate, addressed: check.Addressed, mail: Mail) -> str:
    if not isinstance(fate, corpus.Taken):
        return f"was taken: {mail}"
    became = corpus.Taken(
        documents=tuple((one.name, kind_of(one.content)) for one in mail.attachments),
        plain=mail.plain and fate.plain if mail.plain.startswith(fate.plain or "") else mail.plain[:200],
        html=mail.html and fate.html if (fate.html or "") in mail.html else mail.html[:200],
        inline=tuple(one.name for one in mail.inline),
        left_out=tuple(
            words if words in sentence else sentence
            for words, sentence in zip((*fate.left_out, *[""] * 99), mail.left_out, strict=False)
        ),
        sender=addressed.sender,
        extension=addressed.extension.extended,
        recipients=addressed.recipients,
        automatic=mail.head.automatic,
    )
    told = corpus.Taken(**{**vars(fate), "plain": fate.plain or "", "html": fate.html or ""})
    return "" if became == told else f"became {became}"


def test_the_corpus_is_large_and_its_names_are_its_own():
    assert len(corpus.MAILS) >= 150
    assert [name for name, times in Counter(case.name for case in corpus.MAILS).items() if times > 1] == []


def test_every_mail_with_bare_line_ends_says_its_fate_over_smtp():
    for case in corpus.MAILS:
        pairs = case.content.count(b"\r\n")
        bare = case.content.count(b"\r") != pairs or case.content.count(b"\n") != pairs
        assert bare == (case.wire is not None), case.name


@pytest.mark.parametrize("chapter", corpus.CHAPTERS)
def test_each_mail_meets_its_fate(chapter: str, tables):
    differ = {case.name: what for case in corpus.CHAPTERS[chapter] if (what := what_differs(case))}
    assert differ == {}, "\n\n".join(f"{name}: {what}" for name, what in differ.items())

"""Who proves what of a mail's sender: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), in the words of RFC 8601.

Either we judge, or the front server that the preferences name has judged before us.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from caselli.directory.addresses import ascii_domain
from caselli.doors.mail import trust_dkim, trust_dmarc, trust_front, trust_spf
from caselli.doors.mail.trust_dns import SECONDS, NoAnswerError, Questions, TooManyQuestionsError, is_domain
from caselli.doors.mail.trust_message import Message, UnreadableError, opened


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the dialogue said (RFC 5321). ``client_ip``: empty or None where no client spoke to us (a fetched mail)."""

    client_ip: str | None
    helo: str
    reverse_path: str


@dataclass(frozen=True, slots=True)
class Proof:
    """``pass`` in ``dmarc`` alone proves the sender; ``temperror`` says that it may be proven later.

    ``judged_by``: the front server that found the results, empty where it was us.
    """

    spf: str
    dkim: str
    dmarc: str
    judged_by: str = ""


def prove(content: Path | bytes, envelope: Envelope, sender: str, front_server: str, seconds: float = SECONDS) -> Proof:
    """``content``: the whole message as it came. ``sender``: the one address of its From. ``front_server``: the
    authserv-id (RFC 8601) whose Authentication-Results are believed, empty for none.

    Takes at most about ``seconds`` of DNS. Never raises for what a mail or DNS says; raises OSError where the file
    cannot be read.
    """
    questions = Questions(seconds)
    domain = ascii_domain(sender.rpartition("@")[2])
    with opened(content) as file:
        try:
            message = Message(file)
        except UnreadableError:
            return Proof("none", "neutral", "permerror")
        if not front_server:
            return _judge(message, envelope, domain, questions)
        try:
            handed_over = trust_front.hands_over(front_server, envelope.client_ip, questions)
        except (NoAnswerError, TooManyQuestionsError):
            return Proof("temperror", "temperror", "temperror")
        if not handed_over:
            return _judge(message, envelope, domain, questions)
        if told := trust_front.read(message, front_server, domain, fetched=not envelope.client_ip):
            return _of_one_sender(message, Proof(*told, judged_by=front_server))
        return _judge(message, replace(envelope, client_ip=None), domain, questions)  # the client is not the sender's


def _judge(message: Message, envelope: Envelope, domain: str, questions: Questions) -> Proof:
    """DNS is asked only where there is something to prove; for SPF last, because it may cost many questions."""
    signed = bool(message.named(b"dkim-signature"))
    if not signed and not trust_spf.has_client(envelope.client_ip):
        return _of_one_sender(message, Proof("none", "none", "none"))
    policy = trust_dmarc.read_policy(domain, questions) if is_domain(domain) else "permerror"
    signatures = trust_dkim.judge(message, partial(_may_prove, domain), questions)
    sent = trust_spf.judge(envelope.client_ip, envelope.helo, envelope.reverse_path, questions)
    dmarc = policy if isinstance(policy, str) else trust_dmarc.judge(policy, domain, sent, signatures)
    return _of_one_sender(message, Proof(sent.result, trust_dkim.summary(signatures), dmarc))


def _may_prove(domain: str, signer: str) -> bool:
    return trust_dmarc.is_aligned(signer, domain, strict=False)


def _of_one_sender(message: Message, proof: Proof) -> Proof:
    """Two From fields are two senders, of whom readers show one or the other (RFC 7489, 6.6.1)."""
    return proof if len(message.named(b"from")) == 1 else replace(proof, dmarc="permerror")

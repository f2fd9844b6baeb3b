"""What we read by ourselves is read as the library does."""

from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import SMTP

from caselli.doors.mail.dialogue import Dialogue


@pytest.mark.parametrize("told", [
    "<alice@acme.example>", " <a.b+c@acme.example> SIZE=12 BODY=8BITMIME", "<a@b>  SMTPUTF8", "<a@b.example> ",
    "<>", "a@b.example", "<a b@c>", "<a@b.example>x", "<a@b.example> (c) SIZE=1", "<@x:a@b>", "<a..b@c.d>",
    '<"a b"@c.d>', "<a@[192.0.2.1]>", "<büro@b.example> SMTPUTF8", "<a@b.example", "",
])  # fmt: skip
def test_the_path_of_an_envelope(told):
    dialogue = Dialogue.__new__(Dialogue)
    dialogue.local_part_limit = 0
    assert dialogue._getaddr(told) == SMTP._getaddr(SimpleNamespace(local_part_limit=0), told)

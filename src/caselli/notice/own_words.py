"""An organization's own words for a notice: what may stand in them, and what has to."""

import re
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory.forms import Prose, Settings
from caselli.notice.rules import Happening
from caselli.notice.tags import NEEDED, Tag, tags_of
from caselli.notice.wording import ours, parted
from caselli.store.models import MailTemplate, Organization

MOST_LETTERS = 10_000
_IN_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")


class MailTemplateForm(Settings):
    """Subject and body. A tag that the notice has not is said beside the field, with the one that looks like it."""

    kind = "mail text"
    body = Prose(
        label="Text",
        help_text="Plain text. A line whose tags are all empty is left out.",
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
    )

    class Meta:
        model = MailTemplate
        fields = ("subject", "body")
        labels = {"subject": "Subject"}
        help_texts = {"subject": "One line."}

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        several = {one.name for one in self._tags if one.lines}
        if wrong := sorted(set(_IN_BRACES.findall(subject)) & several):
            raise ValidationError(f"{_braced(wrong[0])} may have several lines: put it into the text.")
        return self._known(subject)

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if len(body) > MOST_LETTERS:
            raise ValidationError(f"Write at most {MOST_LETTERS:,} characters; these are {len(body):,}.")
        needed = NEEDED.get(self.happening)
        if needed and _braced(needed) not in body:
            raise ValidationError(f"Put {_braced(needed)} into the text: without it this mail is of no use to anybody.")
        return self._known(body)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if (cleaned.get("subject"), cleaned.get("body")) == parted(ours(self.happening)):
            where = "There is nothing to keep." if self.instance.pk is None else "Press Back to ours instead."
            raise ValidationError(f"These are Caselli’s own words. {where}")
        return cleaned

    @property
    def happening(self) -> Happening:
        return Happening(self.instance.happening)

    @property
    def _tags(self) -> tuple[Tag, ...]:
        return tags_of(self.happening)

    def _known(self, text: str) -> str:
        """The text, if it names no tag that the notice has not."""
        known = [one.name for one in self._tags]
        unknown = [name for name in dict.fromkeys(_IN_BRACES.findall(text)) if name not in known]
        if unknown:
            raise ValidationError([_unknown(name, known) for name in unknown])
        return text


def words_of(organization: Organization, happening: Happening) -> MailTemplate:
    """The organization's own; where there are none, a new row (not kept) that begins with ours."""
    own = MailTemplate.objects.filter(organization=organization, happening=happening.value).first()
    if own is not None:
        return own
    subject, body = parted(ours(happening))
    return MailTemplate(organization=organization, happening=happening.value, subject=subject, body=body)


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(re.sub(r"\W+", "_", name.strip().lower()), known, n=1, cutoff=0.5)
    then = f" Did you mean {_braced(near[0])}?" if near else " The tags that there are stand beside the text."
    return f"{_braced(name)} is no tag of this mail.{then}"


def _braced(name: str) -> str:
    return f"{{{name}}}"

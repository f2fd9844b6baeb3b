"""Names are one line of what can be seen, at every door."""

import pytest
from django import forms as django_forms

from caselli.directory import api_keys, app_form, apps, forms
from caselli.directory.app_form import AppKind, Wanted
from caselli.directory.audit import Actor
from caselli.directory.rules import wrong_with_name
from caselli.directory.scopes import Scope
from caselli.notice.own_words import MailTemplateForm
from caselli.notice.webhook_form import WebhookForm
from caselli.store.models import MailTemplate

GOOD = ["Front desk", "Büro 2. Stock", "علی\u200cرضا", "👩\u200d⚕ Ambulanz", "O’Neill & Söhne <1>", "a\u00a0b", ""]
WRONG = {
    "Front\ndesk": "has a line break in it. Write it in one line.",
    "Front\u2028desk": "has a line break in it. Write it in one line.",
    "Front\0desk": "has a character in it that cannot be seen (U+0000, NUL). Take it out.",
    "Front\tdesk": "has a character in it that cannot be seen (U+0009, a tab). Take it out.",
    "Front\x1b[2Jdesk": "has a character in it that cannot be seen (U+001B). Take it out.",
    "gpj.\u202eksed": "has a character in it that cannot be seen (U+202E, right-to-left override). Take it out.",
    "Front \u2066desk": "has a character in it that cannot be seen (U+2066, left-to-right isolate). Take it out.",
    "Al\u200bice": "has a character in it that cannot be seen (U+200B, zero width space). Take it out.",
    "\u200d \u200c": "has nothing in it that can be seen. Write letters or digits.",
}
FORMS = [getattr(forms, name) for name in forms.__all__ if name.endswith("Form")] + [WebhookForm, MailTemplateForm]


@pytest.mark.parametrize("name", GOOD)
def test_what_people_write_is_a_name(name):
    assert not wrong_with_name(name)


@pytest.mark.parametrize(("name", "said"), WRONG.items())
def test_what_cannot_be_seen_is_none(name, said):
    assert wrong_with_name(name, "Name") == f"Name {said}"


@pytest.mark.parametrize("form", FORMS)
def test_whatever_is_one_line_of_text_is_asked_the_same(cast, form):
    rows = {MailTemplateForm: MailTemplate(happening="sent"), forms.ExtensionFaxForm: cast.desk}
    shown = form(instance=rows.get(form) or form._meta.model(), person=None)
    texts = {name: one for name, one in shown.fields.items() if isinstance(one, django_forms.CharField)}
    assert texts
    for name, one in texts.items():
        may_be_anything = name in form.secrets or isinstance(one.widget, django_forms.Textarea)
        for text, said in (("a\0b", "NUL"), ("a\u202eb", "" if may_be_anything else "right-to-left override")):
            if said:
                with pytest.raises(django_forms.ValidationError) as wrong:
                    one.clean(text)
                assert any(one.label in told and said in told for told in wrong.value.messages), name


def test_keys_and_apps_are_asked_it_too(cast):
    actor, scopes = Actor(cast.alice), frozenset({Scope.FAX_READ})
    with pytest.raises(api_keys.NotMade, match="right-to-left override"):
        api_keys.make(cast.alice, actor, name="Or\u202eders", scopes=scopes)
    with pytest.raises(apps.NotMade) as wrong:
        apps.create(cast.alice, Wanted("Or\nders", AppKind.TRUSTED, scopes), actor)
    assert wrong.value.faults == {"name": "The name has a line break in it. Write it in one line."}
    assert "Write at most 60" in app_form.faults_of(Wanted("x" * 61, AppKind.TRUSTED, scopes))["name"]

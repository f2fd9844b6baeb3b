"""What can be set, through the command as a person types it: what it keeps, what it prints, how it ends."""

import io
import json
import re

import pytest
from django.core import mail

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.project import main
from caselli.store.models import (
    AuditEntry,
    BlockedDestination,
    Extension,
    MailSource,
    MailTemplate,
    Organization,
    Preferences,
    Share,
    Trunk,
    User,
)


@pytest.fixture
def caselli(cast, capsys):
    """``caselli("trunk", "list")``: exit status, what it printed, what it complained."""

    def run(*words):
        arguments = main.parser().parse_args(words)
        arguments.configuration = main.configuration.load()
        status = arguments.run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def told(caselli):
    """The same with --json, which has to succeed."""

    def run(*words):
        status, said, wrong = caselli(*words, "--json")
        assert status == 0, wrong
        return json.loads(said)

    return run


@pytest.fixture
def typed(monkeypatch):
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def changes_noted():
    return [(one["field"], one["old"], one["new"]) for one in AuditEntry.objects.latest("id").changes]


def test_an_organization_with_user_extension_and_trunk_is_set_up_from_the_command_line(caselli, told):
    told(
        "organization", "add", "--number", "0005", "--name", "Second", "--country", "DE", "--time-zone", "Europe/Berlin"
    )
    told("user", "add", "--login", "dora", "--email", "dora@example.com", "--organization", "0005")
    words = "extension add --organization 0005 --number 310 --name Desk --owner dora --notify fax"
    desk = told(*words.split(), "--station-id", "+49 30 1", "--authorized", "a@example.com,b@example.com")
    assert (desk["owner"], desk["authorized"], desk["notify"]) == ("dora", ["a@example.com", "b@example.com"], "fax")
    trunk = told("trunk", "add", "--name", "X", "--host", "sip.example.com", "--organization", "0005", "--no-t38")
    assert (trunk["organization"], trunk["t38"], trunk["port"], trunk["channels"]) == ("0005", False, 5060, 2)
    assert "Desk" in caselli("extension", "list", "--organization", "0005")[1]
    assert "Desk" not in caselli("extension", "list", "--organization", "0003")[1]


def test_what_is_not_said_when_adding_stands_as_the_model_says(told):
    told("organization", "add", "--number", "0005", "--name", "Second")
    made, fresh = Organization.objects.get(number="0005"), Organization()
    own = {"id", "number", "name", "created_at"}
    names = [one.name for one in Organization._meta.concrete_fields if one.name not in own]
    assert {name: getattr(made, name) for name in names} == {name: getattr(fresh, name) for name in names}


def test_a_change_alters_only_what_is_said_and_tells_it(cast, caselli):
    before = Trunk.objects.filter(pk=cast.trunk.pk).values().get()
    status, said, _ = caselli("trunk", "change", "Provider", "--channels", "9", "--no-t38")
    assert (status, said) == (0, "Changed trunk Provider:\n  T.38: on → off\n  Channels: 2 → 9\n")
    assert Trunk.objects.filter(pk=cast.trunk.pk).values().get() == before | {"channels": 9, "t38": False}
    assert caselli("trunk", "change", "Provider", "--channels", "9")[1] == "It was so already.\n"


def test_an_empty_value_takes_a_setting_away(cast, caselli):
    caselli("extension", "change", "210", "--delete-after-days", "30", "--approver", "bob")
    assert Extension.objects.get(number="210").approver == cast.bob
    caselli("extension", "change", "210", "--delete-after-days", "", "--approver", "")
    desk = Extension.objects.get(number="210")
    assert (desk.delete_after_days, desk.approver) == (None, None)


def test_the_audit_list_says_who_sat_at_the_terminal(cast, caselli, told):
    caselli("organization", "change", "0003", "--busy-wait", "90")
    (entry,) = told("audit")
    assert entry["person"] is None
    assert re.fullmatch(r".+, command line", entry["name"])
    assert entry["changes"] == [{"field": "Seconds to wait after busy", "old": "180", "new": "90"}]
    said = caselli("audit", "--organization", "0003")[1]
    assert "changed organization 0003 Acme Clinic" in said
    assert "180 → 90" in said
    assert caselli("audit", "--organization", "0004")[1] == "Nothing has been changed yet.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trunk", "add", "--name", "X"), "--host: Fill this in. (Name or address"),
        (("trunk", "add", "--name", "X", "--host", "a b"), "--host: “a b” is not a host. Write its name"),
        (("trunk", "change", "Provider", "--channels", "0"), "--channels: Write a whole number, 1 to 2,000.\n"),
        (("trunk", "change", "Provider", "--organization", "9"), "--organization: There is no organization 9."),
        (("trunk", "change", "Provider"), "Say what to change: caselli trunk change --help"),
        (("trunk", "show", "Nobody"), "There is no trunk Nobody. See: caselli trunk list"),
        (("extension", "change", "210", "--organization", "0004"), "--organization: This cannot be changed"),
        (("extension", "change", "210", "--owner", "charlie"), "--owner: "),
        (("extension", "show", "999"), "There is no extension 999. See caselli extension list"),
        (("user", "show", "nobody"), "There is no user nobody. See: caselli user list"),
        (("user", "add", "--login", "x", "--email", "x@example.com"), "--organization: Choose the organization"),
        (("preferences", "change", "--files-limit", "11"), "--files-limit: Write a whole number, 1 to 10.\n"),
        (("organization", "add", "--number", "0003", "--name", "X"), "--number: "),
        (("organization", "change", "0003", "--time-zone", "Nowhere"), "--time-zone: There is no time zone “Nowhere”"),
        (("blocked", "add", "--prefix", "1900"), "--prefix: Write it like +1900"),
        (("share", "add", "210", "--user", "charlie"), "does not belong to 0003 Acme Clinic"),
        (("share", "remove", "210", "--everybody"), "is not shared with everybody"),
        (("audit", "--organization", "9"), "There is no organization 9"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_option_and_changes_nothing(caselli, words, said):
    status, out, wrong = caselli(*words)
    assert (status, out) == (2, "")
    assert said in wrong
    assert not AuditEntry.objects.exists()


def test_an_extension_whose_fax_settings_are_wrong_is_not_added_by_half(caselli):
    words = ("extension", "add", "--organization", "0003", "--number", "220", "--name", "X", "--owner", "alice")
    assert caselli(*words, "--time-zone", "Nowhere")[0] == 2
    assert not Extension.objects.filter(number="220").exists()


def test_a_trunks_password_comes_from_standard_input_and_is_never_told(cast, caselli, told, typed):
    typed("line secret\n")
    assert told("trunk", "change", "Provider", "--password-stdin")["has_password"] is True
    assert Trunk.objects.get().password == "line secret"
    assert changes_noted() == [("Password", "–", "(secret)")]
    caselli("trunk", "change", "Provider", "--login", "me")
    assert Trunk.objects.get().password == "line secret"
    assert changes_noted() == [("Login", "–", "me")]
    assert "line secret" not in caselli("trunk", "show", "Provider")[1]


def test_a_users_password_comes_from_a_file(cast, caselli, tmp_path):
    (tmp_path / "secret").write_text("quite another 77\n")
    assert caselli("user", "change", "alice", "--password-file", str(tmp_path / "secret"))[0] == 0
    assert User.objects.get(username="alice").check_password("quite another 77")
    assert changes_noted() == [("Password", "(secret)", "(another secret)")]


def test_a_password_typed_twice_differently_changes_nothing(caselli, monkeypatch):
    answers = iter(("quite another 77", "quite another 78"))
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    status, _, wrong = caselli("user", "change", "alice", "--ask-password")
    assert (status, "two different passwords" in wrong) == (2, True)
    assert User.objects.get(username="alice").check_password("secret")


@pytest.mark.parametrize("source", ["stdin", "file"])
def test_a_password_that_is_not_there_is_said(caselli, typed, tmp_path, source):
    typed("\n")
    option = ("--password-stdin",) if source == "stdin" else ("--password-file", str(tmp_path / "missing"))
    status, _, wrong = caselli("user", "change", "alice", *option)
    assert (status, wrong[:10]) == (2, "password: ")


def test_a_user_without_password_cannot_sign_in_and_the_command_says_what_to_do(caselli):
    said = caselli("user", "add", "--login", "dora", "--email", "dora@example.com", "--organization", "0003")[1]
    assert "caselli user invite dora" in said
    assert not User.objects.get(username="dora").has_usable_password()


def test_a_user_can_be_invited_when_added_and_again_later(caselli, told):
    words = ("--login", "dora", "--email", "dora@example.com", "--organization", "0003", "--invite")
    assert "The invitation went to dora@example.com." in caselli("user", "add", *words)[1]
    assert told("user", "invite", "dora") == {"invited": "dora@example.com"}
    assert [one.to for one in mail.outbox] == [["dora@example.com"]] * 2


def test_who_is_switched_off_is_not_invited(cast, caselli):
    caselli("user", "change", "alice", "--email", "alice@example.com", "--no-active")
    status, _, wrong = caselli("user", "invite", "alice")
    assert (status, "is switched off" in wrong) == (1, True)


def test_of_two_trunks_with_one_name_each_is_reached_by_its_id(cast, caselli):
    Trunk.objects.create(name="Provider", host="192.0.2.1")
    status, _, wrong = caselli("trunk", "show", "Provider")
    assert (status, "Name it by its id" in wrong) == (2, True)
    assert caselli("trunk", "remove", str(cast.trunk.pk))[:2] == (0, "Removed trunk Provider.\n")
    assert Trunk.objects.get().host == "192.0.2.1"


def test_destinations_are_blocked_for_all_or_for_one_organization(cast, caselli, told):
    caselli("blocked", "add", "--prefix", "+1900", "--reason", "premium numbers")
    caselli("blocked", "add", "--prefix", "+1900", "--organization", "0004")
    assert {one["organization"] for one in told("blocked", "list")} == {None, "0004"}
    status, _, wrong = caselli("blocked", "remove", "+1900")
    assert (status, "Say for whom" in wrong) == (2, True)
    assert caselli("blocked", "remove", "+1900", "--organization", "")[0] == 0
    assert BlockedDestination.objects.get().organization == cast.rival


def test_preferences_are_shown_and_changed(caselli, told):
    assert told("preferences", "show")["files_limit"] == 5
    said = caselli("preferences", "change", "--files-limit", "7", "--sent-days", "", "--email-accepted")[1]
    assert "Files per fax: 5 → 7" in said
    kept = Preferences.current()
    assert (kept.files_limit, kept.sent_days, kept.email_accepted) == (7, None, True)


def test_faxes_are_shared_with_a_colleague_or_with_everybody(cast, caselli, told):
    assert told("share", "add", "210", "--user", "bob") == {"extension": "0003*210", "user": "bob", "may_act": False}
    assert changes_noted() == [("Shared with Bob (bob)", "may not read", "may read")]
    caselli("share", "add", "210", "--user", "bob", "--act")
    assert Share.objects.get().may_act
    assert "who may read." in caselli("share", "add", "0003*210", "--everybody")[1]
    assert [one["user"] for one in told("share", "list", "210")] == ["bob", None]
    assert told("share", "list", "211") == []
    assert caselli("share", "remove", "210", "--user", "bob")[0] == 0
    assert Share.objects.get().user is None


@pytest.mark.parametrize("noun", ["organization", "user", "extension", "trunk"])
def test_lists_have_a_row_each_and_show_has_everything(cast, caselli, told, noun):
    listed = told(noun, "list")
    assert len(listed) == {"organization": 2, "user": 5, "extension": 3, "trunk": 1}[noun]
    key = {"organization": "0003", "user": "alice", "extension": "210", "trunk": "Provider"}[noun]
    assert told(noun, "show", key) in listed
    assert len(caselli(noun, "list")[1].splitlines()) == len(listed) + 1
    assert len(caselli(noun, "show", key)[1].splitlines()) == len(listed[0])


def test_an_organization_writes_its_own_mails(cast, caselli, told):
    assert told("mail-text", "show", "0003/sent")["text"].startswith("Your fax from extension {extension}")
    status, _, wrong = caselli("mail-text", "change", "0003/sent", "--text", "See {lnik}, {to}")
    assert (status, wrong) == (2, "--text: {lnik} is no tag of this mail. Did you mean {link}?\n")
    assert caselli("mail-text", "change", "0003/sent", "--text", "See, {to}:\n\n{link}")[0] == 0
    assert MailTemplate.objects.get().body == "See, {to}:\n\n{link}"
    (row,) = told("mail-text", "list", "--organization", "0003")
    assert (row["mail"], row["text"]) == ("0003/sent", "See, {to}:\n\n{link}")
    assert AuditEntry.objects.latest("id").kind == "mail text"
    assert caselli("mail-text", "remove", "0003/sent") == (0, "Removed mail-text 0003/sent.\n", "")
    assert caselli("mail-text", "remove", "0003/sent")[0] == 2
    assert "there are sent, partially_sent" in caselli("mail-text", "show", "0003/birthday")[2]
    assert "caselli mail-text change" in caselli("mail-text", "list")[1]


def test_empty_lists_say_what_to_do(caselli):
    Trunk.objects.all().delete()
    assert "caselli trunk add" in caselli("trunk", "list")[1]
    assert "caselli blocked add" in caselli("blocked", "list")[1]
    assert "caselli share add" in caselli("share", "list")[1]


def test_a_wrong_choice_names_the_right_ones(caselli, capsys):
    with pytest.raises(SystemExit) as ended:
        caselli("user", "change", "alice", "--role", "boss")
    assert ended.value.code == 2
    assert "organization_administrator" in capsys.readouterr().err


def test_what_was_added_by_mistake_is_removed_and_what_is_in_use_says_why_not(cast, caselli, told):
    status, said, wrong = caselli("user", "remove", "bob")
    assert (status, said) == (1, "")
    assert wrong == (
        "user bob stays. This is the owner of 0003*211. Give it to somebody else first, on the extension’s page.\n"
    )
    assert caselli("extension", "remove", "211")[:2] == (0, "Removed extension 0003*211.\n")
    key, _ = api_keys.make(cast.bob, Actor(), name="Orders", scopes=[Scope.FAX_READ])
    assert told("user", "remove", "bob") == {"removed": "bob", "with_it": {"API keys": [api_keys.called(key)]}}
    key, _ = api_keys.make(cast.olivia, Actor(), name="Bills", scopes=[Scope.FAX_READ])
    assert caselli("user", "remove", "olivia")[1] == (
        f"Removed user olivia.\nWith it went 1 API key: {api_keys.called(key)}\n"
    )
    assert caselli("organization", "remove", "0003")[0] == 1


def test_a_lost_second_factor_is_taken_away(cast, caselli, told):
    cast.bob.authenticator_set.create(type="totp", data={})
    assert "bob has no second factor any more" in caselli("user", "take-away-second-factor", "bob")[1]
    assert changes_noted() == [("Second factor", "set up", "taken away")]
    assert told("user", "take-away-second-factor", "bob") == {"taken": False}


def test_what_becomes_of_mails_is_set_from_the_command_line(cast, caselli, told):
    desk = told(
        *("extension", "change", "0003*210", "--mail-content", "both", "--mail-cut", "--mail-cover", "--mail-trusted"),
        *("--authorized", "Büro+Fax@XN--MNCHEN-3YA.example"),
    )
    assert [desk[name] for name in ("mail_content", "mail_cut", "mail_cover", "mail_trusted")] == ["both", *[True] * 3]
    assert desk["authorized"] == ["büro+fax@münchen.example"]
    assert told("extension", "change", "0003*210", "--no-mail-cut")["mail_cut"] is False
    assert told("organization", "change", "0003", "--mail-proof-required")["mail_proof_required"] is True
    assert told("preferences", "change", "--front-server", "MX.Example.com")["front_server"] == "mx.example.com"
    assert changes_noted() == [("Mail server before this one", "–", "mx.example.com")]


def test_a_look_into_a_mailbox_prints_what_was_found_and_nothing_else(caselli):
    """The library warns of the port."""
    MailSource.objects.create(name="Provider", host="127.0.0.1", port=143, security="tls", password="x")
    status, said, complained = caselli("mailbox", "test", "Provider")
    assert (status, said.count("\n"), complained) == (1, 1, "")


def test_a_mailbox_is_set_with_secrets_that_no_list_of_processes_shows(caselli, told, typed, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush-hush\n")
    given = ("mailbox", "add", "--name", "Provider", "--host", "127.0.0.1", "--port", "1", "--login", "fax@example.com")
    typed("very-secret\n")
    shown = told(*given, "--password-stdin", "--client-secret-file", str(secret))
    assert (shown["login"], shown["done_folder"], shown["has_password"]) == ("fax@example.com", "Faxed", True)
    kept = MailSource.objects.get()
    assert (kept.password, kept.client_secret, kept.refresh_token) == ("very-secret", "hush-hush", "")
    assert "hush" not in str(shown)
    assert caselli("mailbox", "test", "Provider")[:2] == (
        1,
        "Nothing listens at 127.0.0.1:1. Check the port: 993 for TLS, 143 for STARTTLS.\n",
    )
    assert caselli("mailbox", "add", "--name", "Another", "--host", "x", "--login", "y")[2] == (
        "--password: Fill this in, or the token address for OAuth 2.0.\n"
    )
    assert caselli("mailbox", "remove", "Provider")[:2] == (0, "Removed mailbox Provider.\n")
    assert caselli("mailbox", "show", "Provider")[2] == "There is no mailbox Provider. See: caselli mailbox list\n"

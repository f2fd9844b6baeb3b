"""The set-up of a server that begins empty: whom it lets in, what it keeps, where it goes on, and when it is over."""

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caselli.directory import demo, set_up
from caselli.directory.set_up import Step
from caselli.doors.console import welcome
from caselli.project import configuration, main
from caselli.store.models import AuditEntry, Extension, Organization, Role, Trunk, TrunkTest, User

ADMINISTRATOR = {
    "username": "ada",
    "password": "a long word 77",
    "again": "a long word 77",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "",
}
ORGANIZATION = {"name": "Acme Clinic", "number": "0001", "country": "US", "time_zone": "America/New_York"}
EXTENSION = {"number": "210", "name": "Front desk"}
PROVIDER = {"name": "Provider", "host": "sip.example.com", "port": "5060", "username": "me", "password": "line secret"}


@pytest.fixture
def key_file(db, settings):
    file = settings.CONFIGURATION.set_up_key
    file.unlink(missing_ok=True)
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def key(key_file):
    """Of a server that begins empty."""
    set_up.begin(key_file)
    return key_file.read_text().strip()


@pytest.fixture
def window():
    return Client(REMOTE_ADDR="192.0.2.7")


def words_of(answer):
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())


def step_of(window):
    answer = window.get("/set-up")
    return answer.context["step"] if answer.status_code == 200 else answer.status_code


@pytest.fixture
def answer_step(window, key):
    def post(step, **fields):
        return window.post("/set-up", {"step": step, "key": key, **fields})

    return post


@pytest.fixture
def until(answer_step):
    """Everything up to this step, as a person does it."""

    def go(step):
        deeds = {
            Step.ADMINISTRATOR: lambda: answer_step(Step.ADMINISTRATOR, **ADMINISTRATOR),
            Step.ORGANIZATION: lambda: answer_step(Step.ORGANIZATION, **ORGANIZATION),
            Step.EXTENSION: lambda: answer_step(Step.EXTENSION, **EXTENSION),
            Step.TRUNK: lambda: answer_step(Step.TRUNK, trunk="machine"),
            Step.TEST: end_test,
        }
        for before in list(Step)[: list(Step).index(step)]:
            deeds[before]()
        assert set_up.next_step() is step

    return go


def end_test(*, passed=True):
    words = "It answers.\n" if passed else "Nobody answered.\nCheck host and port."
    TrunkTest.objects.create(
        trunk=Trunk.objects.latest("pk"),
        kind="options",
        asked_at=timezone.now(),
        ended_at=timezone.now(),
        passed=passed,
        words=words,
    )


@pytest.fixture
def send_first(window, letter):
    """Upload a document as the administrator does."""

    def send(number="+1 202 555 0100"):
        page = reverse("sent", args=["0001*210"])
        answer = window.post(page, {"recipients": number, "files": [letter()]})
        assert answer.status_code == 302, words_of(answer)

    return send


def test_the_first_organization_is_offered_the_time_zone_of_the_machine(window, until, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, time_zone="Europe/Berlin")
    until(Step.ORGANIZATION)
    assert 'value="Europe/Berlin"' in window.get("/set-up").content.decode()


def test_a_server_that_begins_empty_has_a_key_that_nobody_else_reads(key_file, key):
    assert len(key) >= 32
    assert key_file.stat().st_mode & 0o777 == 0o600
    set_up.begin(key_file)
    assert key_file.read_text().strip() == key  # the address that was printed stays good after a restart


def test_the_banner_has_the_address_with_the_key_and_later_only_the_way_on(key_file, key, until):
    assert f"/set-up?key={key}\n" in welcome.banner(configuration.load())
    until(Step.ORGANIZATION)
    banner = welcome.banner(configuration.load())
    assert "/set-up\n" in banner
    assert "key=" not in banner


def test_the_first_page_says_what_to_do_and_does_not_tell_the_key(key, window):
    answer = window.get("/")
    assert answer.status_code == 200
    assert "This Caselli is not set up yet" in words_of(answer)
    assert key not in answer.content.decode()


@pytest.mark.parametrize("given", ["", "?key=", "?key=guessed"])
def test_without_the_key_nobody_becomes_the_administrator(key, window, given):
    assert window.get(f"/set-up{given}").status_code == 403
    answer = window.post("/set-up", {"step": "administrator", "key": given[5:], **ADMINISTRATOR})
    assert answer.status_code == 403
    assert not User.objects.exists()


def test_who_has_the_key_becomes_the_administrator_and_is_signed_in(key, window):
    assert "Who looks after this server?" in words_of(window.get(f"/set-up?key={key}"))
    answer = window.post("/set-up", {"step": "administrator", "key": key, **ADMINISTRATOR})
    assert (answer.status_code, answer.url) == (302, "/set-up")
    ada = User.objects.get()
    assert (ada.role, ada.email, ada.organization) == (Role.ADMINISTRATOR, "ada@example.com", None)
    assert ada.check_password("a long word 77")
    assert step_of(window) == Step.ORGANIZATION
    entry = AuditEntry.objects.get()
    assert (entry.person_name, entry.ip, entry.deed) == ("set-up", "192.0.2.7", "added")
    assert {"field": "Password", "old": "–", "new": "(secret)"} in entry.changes
    assert "a long word 77" not in str(entry.changes)


def test_the_key_opens_once(key, window, until):
    until(Step.ORGANIZATION)
    other = Client()
    assert other.get(f"/set-up?key={key}").url == "/login?next=/set-up"
    other.post("/set-up", {"step": "administrator", "key": key, **ADMINISTRATOR, "username": "eve"})
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"again": "another long word"}, "These are two different passwords"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"email": ""}, "Mail address: Fill this in."),
        ({"username": ""}, "Login: Fill this in."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(key, answer_step, wrong, said):
    answer = answer_step(Step.ADMINISTRATOR, **ADMINISTRATOR | wrong)
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert 'value="Ada"' in answer.content.decode()
    assert "a long word 77" not in answer.content.decode()
    assert not User.objects.exists()


def test_the_rest_is_for_the_administrator_alone(until, key):
    until(Step.ORGANIZATION)
    assert Client().get("/set-up").url == "/login?next=/set-up"
    olivia = User.objects.create_user("olivia", role=Role.ORGANIZATION_ADMINISTRATOR)
    other = Client()
    other.force_login(olivia)
    assert other.get("/set-up").status_code == 404
    assert other.post("/set-up", {"step": "organization", **ORGANIZATION}).status_code == 404
    assert other.post("/set-up/leave").status_code == 404
    assert other.get("/").url == "/extensions"
    assert not Organization.objects.exists()


def test_the_organization_the_extension_and_the_trunk_are_kept_one_after_the_other(until, window):
    until(Step.TEST)
    ada = User.objects.get()
    organization = Organization.objects.get()
    assert (organization.number, organization.busy_wait, ada.organization) == ("0001", 180, organization)
    extension = Extension.objects.get()
    assert (extension.extended, extension.owner, extension.fax_enabled) == ("0001*210", ada, True)
    machine = configuration.load().machine_sip
    trunk = Trunk.objects.get()
    assert (trunk.host, trunk.port, trunk.prefix, trunk.organization) == (
        machine.host,
        machine.port,
        "+120255501",
        None,
    )
    assert AuditEntry.objects.filter(person=ada).count() == 4  # and that Ada belongs to the organization


def test_an_extension_that_is_refused_leaves_the_administrator_where_she_was(until, answer_step):
    until(Step.EXTENSION)
    answer = answer_step(Step.EXTENSION, number="123456", name="X")
    assert (answer.status_code, "at most 5 digits" in words_of(answer)) == (422, True)
    assert User.objects.get().organization is None


def test_a_providers_host_can_be_entered_instead_of_the_answering_machine(until, window, answer_step):
    until(Step.TRUNK)
    assert "The built-in answering machine" in words_of(window.get("/set-up"))
    assert "Your provider or PBX" in words_of(window.get("/set-up?trunk=provider"))
    wrong = answer_step(Step.TRUNK, trunk="provider", **PROVIDER | {"host": "a b"})
    assert (wrong.status_code, "is not a host" in words_of(wrong)) == (422, True)
    assert answer_step(Step.TRUNK, trunk="provider", **PROVIDER).status_code == 302
    trunk = Trunk.objects.get()
    assert (trunk.host, trunk.username, trunk.password, trunk.t38, trunk.enabled) == (
        "sip.example.com",
        "me",
        "line secret",
        True,
        True,
    )


def test_the_test_is_asked_for_watched_and_told(until, window, answer_step):
    until(Step.TEST)
    assert "Test it" in words_of(window.get("/set-up"))
    answer_step(Step.TEST)
    assert TrunkTest.objects.get().kind == "options"
    assert "Waits for a dialer." in words_of(window.get("/set-up"))
    answer_step(Step.TEST)  # a second click asks nothing twice
    assert TrunkTest.objects.count() == 1
    TrunkTest.objects.update(ended_at=timezone.now(), words="Nobody answered.\nCheck host and port.")
    said = words_of(window.get("/set-up"))
    assert "Set-up: Test" in said
    assert "Nobody answered." in said
    assert "Check host and port." in said
    assert "Test again" in said
    assert "Send the first fax" in said  # who knows better goes on
    assert answer_step(Step.FAX).url == "/set-up"
    assert TrunkTest.objects.count() == 2
    assert "Waits for a dialer." in words_of(window.get("/set-up"))
    TrunkTest.objects.update(ended_at=timezone.now(), words="It answers.\n", passed=True)
    assert "Set-up: First fax" in words_of(window.get("/set-up"))


def test_an_old_pages_click_changes_nothing_and_leads_on(until, answer_step):
    until(Step.EXTENSION)
    assert answer_step(Step.ORGANIZATION, **ORGANIZATION | {"number": "0002"}).url == "/set-up"
    assert Organization.objects.count() == 1


def test_where_it_stands_is_read_from_the_tables(key, key_file, window):
    """Also when the command line has done a part of it."""
    assert set_up.next_step() is Step.ADMINISTRATOR
    admin = User.objects.create_user("admin", role=Role.ADMINISTRATOR)
    Trunk.objects.create(name="Provider", host="192.0.2.1")
    set_up.begin(key_file)  # the next start
    assert set_up.key(key_file) == ""
    assert set_up.next_step() is Step.ORGANIZATION
    window.force_login(admin)
    assert window.get("/").url == "/set-up"
    assert step_of(window) == Step.ORGANIZATION


def test_the_first_fax_is_led_to_the_answering_machine_and_its_fate_is_told(until, window, send_first):
    until(Step.FAX)
    said = words_of(window.get("/set-up"))
    assert "It answers." in said
    assert "+1 202 555 0100 , the answering machine" in said
    assert reverse("sent", args=["0001*210"]) in window.get("/set-up").content.decode()
    send_first()
    assert "Your first fax is on its way" in words_of(window.get("/set-up"))


def test_a_page_that_watches_is_drawn_anew_only_when_something_has_changed(until, window, htmx, send_first):
    until(Step.FAX)
    address = re.search(r'hx-get="([^"]+)"', window.get("/set-up").content.decode())[1]
    assert window.get(address, headers=htmx("/set-up")).status_code == 204
    send_first()
    assert "Your first fax is on its way" in words_of(window.get(address, headers=htmx("/set-up")))


def test_a_first_fax_that_failed_does_not_end_it(until, window, send_first, run_calls):
    until(Step.FAX)
    send_first("+1 202 555 0107")  # no such number
    run_calls()
    assert "Your first fax has not arrived yet" in words_of(window.get("/set-up"))


def test_when_the_fax_has_arrived_the_set_up_is_gone(until, window, key_file, send_first, run_calls):
    until(Step.FAX)
    send_first()
    run_calls()
    assert window.get("/set-up").status_code == 404
    assert not key_file.exists()
    assert window.get("/").url == "/extensions"
    assert window.post("/set-up/leave").status_code == 404


def test_a_page_that_waited_for_the_fax_leads_to_the_extensions(until, window, htmx, send_first, run_calls):
    until(Step.FAX)
    send_first()
    run_calls()
    assert window.get("/set-up", headers=htmx("/set-up"))["HX-Redirect"] == "/extensions"


def test_who_administers_is_reminded_on_other_pages_and_nobody_else(until, window):
    until(Step.FAX)
    assert "Caselli is not set up to the end yet." in words_of(window.get("/extensions"))
    assert "not set up to the end" not in words_of(window.get("/set-up"))
    bob = User.objects.create_user("bob", organization=Organization.objects.get())
    other = Client()
    other.force_login(bob)
    assert "not set up to the end" not in words_of(other.get("/extensions"))


def test_it_can_be_left_and_does_not_come_back(until, window, key_file):
    until(Step.TRUNK)
    assert window.post("/set-up/leave").url == "/extensions"
    assert window.get("/set-up").status_code == 404
    set_up.begin(key_file)
    assert not key_file.exists()


def test_a_server_with_people_begins_no_set_up(cast, key_file):
    set_up.begin(key_file)
    assert not key_file.exists()
    assert Client().get("/set-up?key=").status_code == 404
    assert Client().get("/").url == "/extensions"


@pytest.mark.parametrize("words", [("migrate",), ("migrate", "--demo")])
def test_any_later_start_goes_on_with_it(key, key_file, words):
    """``caselli serve`` runs this before all else; an administrator was added by the command line meanwhile."""
    User.objects.create_user("admin", role=Role.ADMINISTRATOR)
    arguments = main.parser().parse_args(words)
    arguments.configuration = configuration.load()
    assert arguments.run(arguments) == 0
    assert set_up.key(key_file) == ""
    assert not Organization.objects.exists()


def test_a_start_without_no_demo_later_makes_no_demo_of_it(until, tmp_path):
    until(Step.ORGANIZATION)
    demo.furnish(tmp_path, "127.0.0.1", 5080)
    assert not Organization.objects.exists()
    Organization.objects.create(number=demo.ORGANIZATION, name="Our own 0003")
    demo.furnish(tmp_path, "127.0.0.1", 5080)
    assert not Trunk.objects.exists()

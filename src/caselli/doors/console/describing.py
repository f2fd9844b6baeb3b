"""Writes down what ``caselli demo`` and the banner tell; once a start, by the process that may ask the database."""

import json
from dataclasses import asdict

from caselli.directory import demo
from caselli.doors.console.demonstration import DESCRIPTION_FILE, AppShown, Demonstration, ExtensionShown, UserShown
from caselli.project.configuration import Configuration
from caselli.store.models import Extension, Organization, Preferences, User


def describe(configuration: Configuration) -> Demonstration | None:
    """None where this installation has no demo."""
    organization = Organization.objects.filter(number=demo.ORGANIZATION).first()
    if organization is None or not (configuration.home / demo.LOGIN_FILE).exists():
        return None
    web = f"http://{configuration.web}"
    relay = configuration.smtp_relay
    secret, app = demo.password(configuration.home), demo.app(configuration.home)
    users = User.objects.filter(username__in=[one.login for one in demo.USERS], organization=organization)
    extensions = Extension.objects.filter(organization=organization).select_related("organization", "owner")
    return Demonstration(
        web=web,
        web_tls=f"https://{configuration.web_tls}",
        smtp=str(configuration.smtp),
        mail=str(configuration.mail_folder),
        fax_address=Preferences.current().fax_address,
        home=str(configuration.home),
        organization=organization.number,
        users=tuple(UserShown(one.username, secret, one.role, one.email) for one in users.order_by("id")),
        extensions=tuple(
            ExtensionShown(
                one.number,
                one.extended,
                one.name,
                one.owner.username,
                f"{web}/extensions/{one.extended}/sent",
                tuple(one.authorized_addresses.values_list("address", flat=True)),
            )
            for one in extensions
        ),
        api=f"{web}/api/v1",
        api_key=demo.api_key(configuration.home),
        uapi=AppShown(app.client_id, app.secret),
        relay=f"{relay.host}:{relay.port}" if relay else "",
    )


def write_down(configuration: Configuration) -> bool:
    """Keep the description in the home, so that telling it needs no database. False where there is no demo."""
    shown = describe(configuration)
    if shown is not None:
        file = configuration.home / DESCRIPTION_FILE
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(shown), indent=2) + "\n")
    return shown is not None

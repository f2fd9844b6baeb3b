"""What is removed along with a user or an organization: of what programs and faxes use, each thing by its name."""

from collections.abc import Iterable
from dataclasses import dataclass

from caselli.directory import api_keys, apps
from caselli.directory.audit import Change
from caselli.store.models import App, Extension, Organization, User


@dataclass(frozen=True, slots=True)
class Goes:
    """Things of one kind. ``one`` and ``many``: what they are called."""

    one: str
    many: str
    names: tuple[str, ...]

    @property
    def counted(self) -> str:
        return f"{len(self.names):,} {self.one if len(self.names) == 1 else self.many}"

    @property
    def change(self) -> Change:
        """For the audit list."""
        return Change(self.many[0].upper() + self.many[1:], ", ".join(self.names), "–")

    def __str__(self) -> str:
        return f"{self.counted}: {', '.join(self.names)}"


def goes_with(thing: User | Extension | Organization) -> tuple[Goes, ...]:
    """Kinds of which there is none are left out. With an extension goes nothing but its settings."""
    if isinstance(thing, Extension):
        return ()
    found = _with_user(thing) if isinstance(thing, User) else _with_organization(thing)
    return tuple(one for one in found if one.names)


def _with_user(user: User) -> Iterable[Goes]:
    keys = api_keys.live(user.api_keys.order_by("pk"))
    yield Goes("API key", "API keys", tuple(api_keys.called(one) for one in keys))
    own = list(App.objects.filter(user=user).order_by("pk"))
    yield Goes("app, with its tokens", "apps, with their tokens", tuple(apps.called(one) for one in own))
    allowed = [one for one in apps.granted_by(user) if one not in own]
    names = tuple(apps.called(one) for one in allowed)
    yield Goes("consent, by which an app acts for them", "consents, by which apps act for them", names)


def _with_organization(organization: Organization) -> Iterable[Goes]:
    hooks = organization.webhooks.all()
    yield Goes("webhook, with its log", "webhooks, with their logs", tuple(str(one) for one in hooks))
    yield Goes("trunk of its own", "trunks of its own", tuple(str(one) for one in organization.trunks.all()))
    blocked = organization.blocked_destinations.all()
    yield Goes("blocked destination", "blocked destinations", tuple(str(one) for one in blocked))
    texts = organization.mail_templates.all()
    yield Goes("text of a mail", "texts of mails", tuple(str(one) for one in texts))

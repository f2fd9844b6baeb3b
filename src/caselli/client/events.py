"""``client.events`` and ``client.webhooks``: what happens, as it happens."""

from collections.abc import Iterable
from typing import Unpack

from caselli.client import operations
from caselli.client.effects import Plan
from caselli.client.plans import every
from caselli.client.shapes_events import Event, EventKind
from caselli.client.shapes_webhooks import (
    CallbackSecret,
    Webhook,
    WebhookFields,
    WebhookMessage,
    WebhookTest,
    WebhookWithSecret,
)
from caselli.client.streams import listen
from caselli.client.verbs import Group, S, listing, verb


class Events(Group[S]):
    @listing(Event)
    def listen(
        self, *, after: int | None = None, extension: str | None = None, kinds: Iterable[EventKind] = ()
    ) -> Plan[None]:
        """What happens to the faxes that the key's person sees, in order and without gaps, for ever.

        ``after``: the id of the last event that you have, whose followers come first; None: from now on. A line that
        breaks is taken up where it broke; a program that was away goes on with the last id that it kept.
        """
        query = [("extension", extension)] if extension else []
        return listen((*query, *(("kind", one) for one in kinds)), after, self._patience)

    @listing(Event)
    def list(self, *, after: int = 0, extension: str | None = None, kinds: Iterable[EventKind] = ()) -> Plan[None]:
        """What happened so far, from the first event after that id."""
        named = {"after": after, "extension": extension, "kind": list(kinds) or None}
        return every(operations.LIST_EVENTS, self._patience, named, cursor="after")


class Webhooks(Group[S]):
    @listing(Webhook)
    def list(self, *, organization: str | None = None, limit: int | None = None) -> Plan[None]:
        """All, or those of one organization."""
        return every(operations.LIST_WEBHOOKS, self._patience, {"organization": organization, "limit": limit})

    @verb
    def get(self, webhook: Webhook | str) -> Plan[Webhook]:
        """One of them."""
        return self._ask(operations.GET_WEBHOOK, webhook_id=id_of(webhook))

    @verb
    def add(
        self, name: str, url: str, *, kinds: Iterable[EventKind] = (), organization: str | None = None
    ) -> Plan[WebhookWithSecret]:
        """A new one, with the secret that proves its messages (:func:`verify_webhook`); it is told only now."""
        named = {"name": name, "url": url, "kinds": [*kinds] or None, "organization": organization}
        return self._ask(operations.ADD_WEBHOOK, **named)

    @verb
    def change(self, webhook: Webhook | str, **changes: Unpack[WebhookFields]) -> Plan[Webhook]:
        """What is said, and nothing else."""
        return self._say(operations.CHANGE_WEBHOOK, changes, webhook_id=id_of(webhook))

    @verb
    def remove(self, webhook: Webhook | str) -> Plan[None]:
        """It hears of nothing any more."""
        return self._ask(operations.REMOVE_WEBHOOK, webhook_id=id_of(webhook))

    @verb
    def test(self, webhook: Webhook | str) -> Plan[WebhookTest]:
        """Send it a test message now; where it takes it, it is in service."""
        return self._ask(operations.TEST_WEBHOOK, webhook_id=id_of(webhook))

    @verb
    def change_secret(self, webhook: Webhook | str) -> Plan[WebhookWithSecret]:
        """A new secret; for a day messages are signed with the old one too."""
        return self._ask(operations.CHANGE_WEBHOOK_SECRET, webhook_id=id_of(webhook))

    @listing(WebhookMessage)
    def messages(self, webhook: Webhook | str, *, limit: int | None = None) -> Plan[None]:
        """What was sent to it, and what became of that: the newest first."""
        named = {"webhook_id": id_of(webhook), "limit": limit}
        return every(operations.LIST_WEBHOOK_MESSAGES, self._patience, named)

    @verb
    def redeliver(self, webhook: Webhook | str, message: WebhookMessage | str) -> Plan[WebhookMessage]:
        """Send a message once more."""
        message_id = message.id if isinstance(message, WebhookMessage) else message
        return self._ask(operations.REDELIVER_MESSAGE, webhook_id=id_of(webhook), message_id=message_id)

    @verb
    def callback_secret(self) -> Plan[CallbackSecret]:
        """By which messages to the ``callback_url`` of your own faxes are signed."""
        return self._ask(operations.GET_CALLBACK_SECRET)


def id_of(webhook: Webhook | str) -> str:
    return webhook.id if isinstance(webhook, Webhook) else webhook

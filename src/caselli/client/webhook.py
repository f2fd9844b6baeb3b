"""What a webhook's receiver does first: is the message Caselli's, and new?"""

import json
from collections.abc import Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from caselli.client.problem import Problem
from caselli.client.reading import read
from caselli.client.shapes_events import Event

NOT_PROVEN = "webhook_not_proven"


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> Event:
    """The event of a request that came to your address. ``secret``: of the webhook, ``whsec_...``; ``body``: the bytes
    as they came. Raises Problem (``webhook_not_proven``): answer it with 400, and believe nothing in it.

    The same event may come twice: its ``id`` tells.
    """
    try:
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()}, json_parse=False)
        told = json.loads(body)
    except (WebhookVerificationError, ValueError) as error:
        raise Problem(
            NOT_PROVEN,
            f"The message is not proven to be Caselli's: {str(error) or type(error).__name__}.",
            "Is it the secret of this webhook, is the body as it came, and is this machine's clock right?",
            status=400,
        ) from error
    return read(Event, told)

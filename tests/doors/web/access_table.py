"""The table of who may open which address: each address, each verb, each role. Its test: test_access.py."""

from dataclasses import dataclass

ROLES = ("stranger", "foreigner", "colleague", "reader", "actor", "owner", "olivia", "foreign_administrator", "admin")
"""``reader`` and ``actor``: colleagues with whom the extension is shared, to read and to act; ``olivia`` administers
the organization, ``foreign_administrator`` another one, ``admin`` the server."""

# What each role gets, in that order. "login": is led to the login. 405: no such verb, whoever asks.
NEVER = "405 405 405 405 405 405 405 405 405"
PUBLIC = "302 302 302 302 302 302 302 302 302"
OUT = "login login login login login login login login login"
NOWHERE = "404 404 404 404 404 404 404 404 404"
SIGNED_IN = "login 200 200 200 200 200 200 200 200"
READ = "login 404 404 200 200 200 200 404 200"
ASK = "login 404 404 404 200 200 200 404 200"  # a page that asks before it acts
ACT = "login 404 404 404 302 302 302 404 302"
CHOOSE = "login 404 404 302 302 302 302 404 302"
SEND = "login 404 404 404 422 422 422 404 422"  # an empty form, which is refused in words
READ_BY_WHO_ACTS = "login 404 404 404 200 200 200 404 200"
NOTHING_UPLOADED = "login 404 404 404 400 400 400 404 400"
HERS_ALONE = "login 404 404 404 404 200 404 404 404"  # what Alice uploaded, and no administrator may see
REMOVE_HERS = "login 404 404 404 404 204 404 404 404"
OUR_LINES = "login 404 200 200 200 200 200 404 200"
ADMINISTER = "login 404 404 404 404 404 200 200 200"
ADMINISTER_FORM = "login 404 404 404 404 404 422 422 422"
ADMINISTER_OURS = "login 404 404 404 404 404 200 404 200"
ADMINISTER_OURS_FORM = "login 404 404 404 404 404 422 404 422"
ADMINISTER_OURS_DO = "login 404 404 404 404 404 302 404 302"
ADMINISTER_OURS_HELD = "login 404 404 404 404 404 409 404 409"  # its faxes keep it
SERVER = "login 404 404 404 404 404 404 404 200"
SERVER_FORM = "login 404 404 404 404 404 404 404 422"
SERVER_DO = "login 404 404 404 404 404 404 404 302"
SERVER_HELD = "login 404 404 404 404 404 404 404 409"
SET_UP = "login 404 404 404 404 200 200 404 200"
SET_UP_FORM = "login 404 404 404 404 422 422 404 422"
NO_ORGANIZATION_CHOSEN = "login 404 404 404 404 404 422 422 200"  # the form, where there is but one; else the choice
ANYBODY = "200 200 200 200 200 200 200 200 200"
HALFWAY = "login 302 302 302 302 302 302 302 302"  # a step of signing in
GOES_ON = "login 302 302 302 302 302 302 302 302"  # to another page of the account, mostly to *Is it you?*
NONE_SET_UP = "login 404 404 404 404 404 404 404 404"
OWN = "login 404 404 404 404 302 404 404 404"
SET_UP_DO = "login 404 404 404 404 302 302 404 302"
APPROVE = "login 404 404 404 404 404 200 404 200"  # not one's own: the owner reads it in Fax info
APPROVE_DO = "login 404 404 404 404 404 302 404 302"
APPROVE_FORM = "login 404 404 404 404 404 422 404 422"
SIGN_IN = "200 302 302 302 302 302 302 302 302"
SIGN_IN_FORM = "422 302 302 302 302 302 302 302 302"
ANYBODYS_FORM = "422 422 422 422 422 422 422 422 422"
NO_BUTTON = "409 409 409 409 409 409 409 409 409"
NOTHING_ASKED = "400 400 400 400 400 400 400 400 400"
OWN_FORM = "login 422 422 422 422 422 422 422 422"


@dataclass(frozen=True)
class Address:
    """``of``: what stands in the address, a name of the fixture ``objects``; ``more`` stands behind it."""

    of: str = ""
    more: tuple = ()
    get: str = NEVER
    post: str = NEVER


ADDRESSES = {
    "home": Address(get=PUBLIC),
    "login": Address(get=SIGN_IN, post=SIGN_IN_FORM),
    "logout": Address(post=OUT),
    "appearance": Address(post=PUBLIC),
    "api-keys": Address(get=SIGNED_IN),
    "api-key-add": Address(get=GOES_ON, post=GOES_ON),
    "api-key-end": Address("api key", get=SET_UP, post=SET_UP_DO),
    "docs-api": Address(get=ANYBODY),
    "docs-problems": Address(get=ANYBODY),
    "apps": Address(get=SIGNED_IN),
    "app-add": Address(get=SIGNED_IN, post=OWN_FORM),
    "app": Address("app", get=SET_UP, post=SET_UP_FORM),
    "app-secret": Address("app", get=SET_UP, post=SET_UP),
    "app-remove": Address("app", get=SET_UP, post=SET_UP_DO),
    "app-take-back": Address("app", post=OWN),
    "authorize": Address(get=NOTHING_ASKED, post=NOTHING_ASKED),
    "account_login": Address(get=SIGN_IN, post=SIGN_IN_FORM),
    "account_logout": Address(post=OUT),
    "account_inactive": Address(get=ANYBODY),
    "account_reset_password": Address(get=ANYBODY, post=ANYBODYS_FORM),
    "account_reset_password_done": Address(get=ANYBODY),
    "account_reset_password_from_key": Address("link", get=PUBLIC, post=PUBLIC),
    "account_reset_password_from_key_done": Address(get=ANYBODY),
    "account_reauthenticate": Address(get=SIGNED_IN, post=OWN_FORM),
    "account_change_password": Address(get=SIGNED_IN, post=OWN_FORM),
    "account_set_password": Address(get=GOES_ON, post=GOES_ON),
    "mfa_authenticate": Address(get=HALFWAY, post=HALFWAY),
    "mfa_login_webauthn": Address(get=HALFWAY, post=HALFWAY),
    "mfa_index": Address(get=SIGNED_IN),
    "mfa_reauthenticate": Address(get=GOES_ON, post=GOES_ON),
    "mfa_reauthenticate_webauthn": Address(get=GOES_ON, post=GOES_ON),
    "mfa_activate_totp": Address(get=GOES_ON, post=GOES_ON),
    "mfa_deactivate_totp": Address(get=NONE_SET_UP, post=NONE_SET_UP),
    "mfa_view_recovery_codes": Address(get=NONE_SET_UP),
    "mfa_generate_recovery_codes": Address(get=GOES_ON, post=GOES_ON),
    "mfa_download_recovery_codes": Address(get=NONE_SET_UP),
    "mfa_list_webauthn": Address(get=SIGNED_IN),
    "mfa_add_webauthn": Address(get=GOES_ON, post=GOES_ON),
    "mfa_edit_webauthn": Address("passkey", get=GOES_ON, post=GOES_ON),
    "mfa_remove_webauthn": Address("passkey", get=GOES_ON, post=GOES_ON),
    "usersessions_list": Address(get=SIGNED_IN, post=GOES_ON),
    "session-end": Address("session", post=OWN),
    "second-factor-first": Address(get=GOES_ON),
    "set-up": Address(get=NOWHERE, post=NOWHERE),  # over, or never begun: tests/doors/web/test_set_up.py
    "set-up-leave": Address(post=NONE_SET_UP),
    "without-slash": Address("nowhere", get=NOWHERE, post=NOWHERE),
    "extensions": Address(get=SIGNED_IN),
    "extension": Address("extension", get=READ),
    "sent": Address("extension", get=READ, post=SEND),
    "sent-several": Address("extension", post=CHOOSE),  # nothing is chosen: told so, whoever may read
    "received": Address("extension", get=READ),
    "recipients": Address("extension", post=READ_BY_WHO_ACTS),
    "stage": Address("extension", post=NOTHING_UPLOADED),
    "staged-picture": Address("staged", (1,), get=HERS_ALONE),
    "staged-remove": Address("staged", post=REMOVE_HERS),
    "fax": Address("fax", get=READ),
    "fax-report": Address("fax", get=READ),
    "fax-report-pdf": Address("fax", get=READ),
    "fax-told": Address("fax", get=READ),
    "fax-row": Address("fax", get=READ),
    "fax-attempt": Address("fax", (1, 1), get=READ),
    "fax-page": Address("fax", (1,), get=READ),
    "fax-page-picture": Address("fax", (1,), get=READ),
    "fax-pages": Address("fax", get=READ),
    "fax-document": Address("fax", (1,), get=READ),
    "fax-send": Address("fax", post=ACT),
    "fax-resend": Address("fax", post=ACT),
    "fax-cancel": Address("fax", post=ACT),
    "recipient-arrived": Address("fax", (1,), post=ACT),
    "recipient-again": Address("fax", (1,), post=ACT),
    "fax-recipients": Address("waiting", get=ASK, post=SEND),
    "approvals": Address(get=SIGNED_IN),
    "approval": Address("waiting", get=APPROVE),
    "approval-line": Address("waiting", get=APPROVE),
    "approval-approve": Address("waiting", post=APPROVE_DO),
    "approval-refuse": Address("waiting", post=APPROVE_FORM),
    "sharing": Address("extension", get=SET_UP, post=SET_UP_FORM),
    "sharing-stop": Address("share", post=SET_UP_DO),
    "received-fax": Address("received", get=READ),
    "received-page": Address("received", (1,), get=READ),
    "received-page-picture": Address("received", (1,), get=READ),
    "received-pages": Address("received", get=READ),
    "received-read": Address("received", post=ACT),
    "received-unread": Address("received", post=ACT),
    "received-delete": Address("received", get=ASK, post=ACT),
    "administration": Address(get=ADMINISTER),
    "preferences": Address(get=SERVER, post=SERVER_FORM),
    "organizations": Address(get=SERVER),
    "organization-add": Address(get=SERVER, post=SERVER_FORM),
    "organization": Address("organization", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "organization-remove": Address("organization", get=SERVER, post=SERVER_HELD),
    "mail-templates": Address("organization", get=ADMINISTER_OURS),
    "mail-template": Address("mail text", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "mail-template-preview": Address("mail text", post=ADMINISTER_OURS),
    "mail-template-ours": Address("mail text", get=ADMINISTER_OURS, post=ADMINISTER_OURS_DO),
    "users": Address(get=ADMINISTER),
    "user-add": Address(get=ADMINISTER, post=ADMINISTER_FORM),
    "user": Address("user", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "user-link": Address("user", post=ADMINISTER_OURS_DO),
    "user-second-factor": Address("user", post=ADMINISTER_OURS_DO),
    "user-remove": Address("user", get=ADMINISTER_OURS, post=ADMINISTER_OURS_HELD),
    "administered-extensions": Address(get=ADMINISTER),
    "extension-add": Address(get=ADMINISTER, post=NO_ORGANIZATION_CHOSEN),
    "administered-extension": Address("extension key", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "administered-extension-remove": Address("extension key", get=ADMINISTER_OURS, post=ADMINISTER_OURS_HELD),
    "extension-settings": Address("extension", get=SET_UP, post=SET_UP_FORM),
    "trunks": Address(get=ADMINISTER),
    "trunk-add": Address(get=SERVER, post=SERVER_FORM),
    "trunk": Address("trunk", get=ADMINISTER_OURS, post=SERVER_FORM),
    "trunk-switch": Address("trunk", post=SERVER_DO),
    "trunk-remove": Address("trunk", get=SERVER, post=SERVER_DO),
    "trunk-tests": Address("trunk", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "trunk-test": Address("trunk test", get=ADMINISTER_OURS),
    "mailboxes": Address(get=SERVER),
    "mailbox-add": Address(get=SERVER, post=SERVER_FORM),
    "mailbox": Address("mailbox", get=SERVER, post=SERVER_FORM),
    "mailbox-switch": Address("mailbox", post=SERVER_DO),
    "mailbox-test": Address("mailbox", post=SERVER_DO),
    "mailbox-remove": Address("mailbox", get=SERVER, post=SERVER_DO),
    "webhooks": Address(get=ADMINISTER),
    "webhook-add": Address(get=ADMINISTER, post=ADMINISTER_FORM),
    "webhook": Address("webhook", get=ADMINISTER_OURS, post=ADMINISTER_OURS_FORM),
    "webhook-switch": Address("webhook", post=ADMINISTER_OURS_DO),
    "webhook-test": Address("webhook", post=ADMINISTER_OURS_DO),
    "webhook-secret": Address("webhook", post=ADMINISTER_OURS),
    "webhook-remove": Address("webhook", get=ADMINISTER_OURS, post=ADMINISTER_OURS_DO),
    "webhook-message": Address("webhook message", get=ADMINISTER_OURS),
    "webhook-redeliver": Address("webhook message", post=ADMINISTER_OURS_DO),
    "blocked": Address(get=ADMINISTER),
    "blocked-add": Address(get=ADMINISTER, post=ADMINISTER_FORM),
    "blocked-remove": Address("blocked", get=ADMINISTER_OURS, post=ADMINISTER_OURS_DO),
    "audit": Address(get=ADMINISTER),
    "mails": Address(get=SERVER),
    "confirm": Address("mail link", get=ANYBODY, post=NO_BUTTON),
    "confirm-told": Address("mail link", get=ANYBODY),
    "confirm-picture": Address("mail link", (1,), get=ANYBODY),
    "incoming-mails": Address(get=ADMINISTER),
    "mail": Address("mail", get=SERVER),
    "mail-attachment": Address("mail", (1,), get=SERVER),
    "mail-source": Address("mail", get=SERVER),
    "machine": Address(get=OUR_LINES),
    "machine-call": Address("call", get=OUR_LINES),
    "machine-page": Address("call", (1,), get=OUR_LINES),
    "machine-page-picture": Address("call", (1,), get=OUR_LINES),
    "machine-pages": Address("call", get=OUR_LINES),
}

"""What can be set, noun by noun: which fields, in which words, between which bounds. The pages and the command line use
the same forms, so that what one of them refuses the other refuses too.
"""

from caselli.directory.forms.lines import BlockedDestinationForm, TrunkForm
from caselli.directory.forms.mailboxes import MailboxForm
from caselli.directory.forms.people import ExtensionFaxForm, ExtensionForm, UserForm
from caselli.directory.forms.server import OrganizationForm, PreferencesForm
from caselli.directory.forms.settings import Prose, Settings

__all__ = [
    "BlockedDestinationForm",
    "ExtensionFaxForm",
    "ExtensionForm",
    "MailboxForm",
    "OrganizationForm",
    "PreferencesForm",
    "Prose",
    "Settings",
    "TrunkForm",
    "UserForm",
]

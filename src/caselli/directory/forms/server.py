"""Settings of the whole server, and of an organization."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from caselli.directory import places
from caselli.directory.addresses import is_mail_address
from caselli.directory.forms.settings import Settings, read_zone
from caselli.store.models import Organization, Preferences

_SERVER_NAME = re.compile(r"[a-z0-9.!#$%&'*+/^_`{|}~-]*")
"""An authserv-id that needs no quotes (RFC 8601, 2.2), or none."""


class PreferencesForm(Settings):
    kind = "server fax preferences"

    class Meta:
        model = Preferences
        fields = (
            "email_accepted",
            "approval_host",
            "fax_address",
            "front_server",
            "mail_megabytes",
            "files_limit",
            "recipients_limit",
            "confirmation_interval",
            "negotiation_limit",
            "unconfirmed_days",
            "sent_days",
        )
        labels = {
            "email_accepted": "Accept faxes by email",
            "approval_host": "Host name in approval mails",
            "fax_address": "Address that receives faxes",
            "front_server": "Mail server before this one",
            "mail_megabytes": "Maximum mail size, MB",
            "files_limit": "Files per fax",
            "recipients_limit": "Recipients per fax",
            "confirmation_interval": "Minimum seconds between re-attempts by the confirmation link",
            "negotiation_limit": "Seconds to wait for the far fax to start negotiating",
            "unconfirmed_days": "Erase unconfirmed faxes after days",
            "sent_days": "Keep sent faxes for days",
        }
        help_texts = {
            "email_accepted": "Off: the mail server refuses every mail.",
            "approval_host": "Links in approval mails lead to it. Empty: the public address of this server.",
            "fax_address": "People mail their documents to it. International addresses are allowed.",
            "front_server": "Its name in the Authentication-Results that it writes, like mx.example.com: what it says "
            "of a sender is believed. Empty: this server judges by itself.",
            "mail_megabytes": "1 to 100; 10 unless changed. Larger mails are refused while they come in.",
            "files_limit": "1 to 10; 5 unless changed.",
            "recipients_limit": "1 to 999; 5 unless changed.",
            "confirmation_interval": "60 to 36,000; 300 unless changed. A second click before that changes nothing.",
            "negotiation_limit": "5 to 300; 45 unless changed. Then the call counts as answered by no fax.",
            "unconfirmed_days": "1 to 365; 7 unless changed. What nobody approved or released by then is cancelled.",
            "sent_days": "1 to 3,650; 90 unless changed. Then pages and documents are erased. Empty: kept for ever.",
        }

    def clean_fax_address(self) -> str:
        address: str = self.cleaned_data["fax_address"].strip()
        if address and not is_mail_address(address):
            raise ValidationError(f"“{address}” is not a mail address. Write it like fax@example.com.")
        return address

    def clean_front_server(self) -> str:
        name: str = self.cleaned_data["front_server"].strip().lower()
        if not _SERVER_NAME.fullmatch(name):
            raise ValidationError(
                f"“{name}” is not the name of a server. Write the first word of its Authentication-Results, like "
                "mx.example.com."
            )
        return name

    def clean_approval_host(self) -> str:
        host: str = self.cleaned_data["approval_host"].strip().lower()
        if host and not all(part and part.strip("-").replace("-", "").isalnum() for part in host.split(".")):
            raise ValidationError(f"“{host}” is not a host name. Write it like fax.example.com, without https://.")
        return host


class OrganizationForm(Settings):
    kind = "organization"

    class Meta:
        model = Organization
        fields = (
            "number",
            "name",
            "country",
            "time_zone",
            "enabled",
            "approve_all",
            "approve_abroad",
            "approve_over_pages",
            "mail_proof_required",
            "second_factor_required",
            "busy_wait",
            "no_answer_wait",
            "line_wait",
            "other_wait",
            "dials_limit",
            "answered_limit",
            "ring_limit",
            "queue_hours",
        )
        labels = {
            "number": "Number",
            "name": "Name",
            "country": "Country",
            "time_zone": "Time zone",
            "enabled": "In service",
            "approve_all": "A second person approves every fax",
            "approve_abroad": "A second person approves faxes abroad",
            "approve_over_pages": "A second person approves faxes over so many pages",
            "mail_proof_required": "Take mails from proven senders only",
            "second_factor_required": "Everybody signs in with a second factor",
            "busy_wait": "Seconds to wait after busy",
            "no_answer_wait": "Seconds to wait after no answer",
            "line_wait": "Seconds to wait after trouble on the line",
            "other_wait": "Seconds to wait after anything else",
            "dials_limit": "Calls at most",
            "answered_limit": "Answered calls at most",
            "ring_limit": "Seconds to let it ring",
            "queue_hours": "Hours to wait for a free line",
        }
        help_texts = {
            "number": "1 to 6 digits: what stands before the star in 0003*210.",
            "name": "What people call it.",
            "country": "Its name, or two letters like US or DE: how numbers without a country code are read.",
            "time_zone": "Like America/New_York. An extension may have its own.",
            "enabled": "Off: nobody of it can sign in or send.",
            "approve_all": "Somebody else says yes before a fax goes out.",
            "approve_abroad": "To numbers of other countries than the organization’s.",
            "mail_proof_required": "A mail whose sender DMARC does not prove is refused. The sender’s domain needs a "
            "DMARC record, and SPF or DKIM.",
            "second_factor_required": "Who has none yet sets one up at the next sign-in; until then their "
            "API keys and apps open nothing.",
            "approve_over_pages": "Empty: however many pages.",
            "busy_wait": "1 to 86,400; 180 unless changed.",
            "no_answer_wait": "1 to 86,400; 300 unless changed.",
            "line_wait": "1 to 86,400; 60 unless changed.",
            "other_wait": "1 to 86,400; 300 unless changed.",
            "dials_limit": "1 to 100; 12 unless changed. To each recipient, then the fax has failed.",
            "answered_limit": "1 to 100; 3 unless changed. Answered calls cost money.",
            "ring_limit": "5 to 300; 60 unless changed.",
            "queue_hours": "1 to 720; 48 unless changed. Then the fax has failed.",
        }
        error_messages = {
            "number": {
                "unique": "Another organization has this number already. Choose another one.",
                "invalid": "Write 1 to 6 digits, like 0004.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.CharField)
        country.max_length = None
        country.validators = [one for one in country.validators if not isinstance(one, MaxLengthValidator)]
        country.widget.attrs.pop("maxlength", None)
        if not self.on_the_whole_server:
            for name in ("number", "enabled"):
                self.fields[name].disabled = True

    def organization_of(self) -> Organization | None:
        instance: Organization = self.instance
        return instance

    def clean_country(self) -> str:
        given: str = self.cleaned_data["country"]
        country = places.read_country(given)
        if country is None:
            raise ValidationError(f"There is no country “{given}”. Write its name, or its two letters like US or DE.")
        return country

    def clean_time_zone(self) -> str:
        return read_zone(self.cleaned_data["time_zone"].strip())

"""Settings of users and of their extensions."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory.access import may_administer
from caselli.directory.addresses import canonical, is_mail_address
from caselli.directory.forms.settings import Settings, read_zone
from caselli.directory.sign_out import sign_out_everywhere
from caselli.fax.number import PublicNumber, parse_recipient
from caselli.fax.refusals import Refusal
from caselli.store.models import AuthorizedAddress, Extension, Organization, Role, User

_MOST_SHARED = 5


class UserForm(Settings):
    kind = "user"

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "organization", "role", "is_active")
        labels = {
            "username": "Login",
            "first_name": "First name",
            "last_name": "Last name",
            "email": "Mail address",
            "organization": "Organization",
            "role": "Role",
            "is_active": "May sign in",
        }
        help_texts = {
            "username": "Letters, digits and @ . + - _",
            "first_name": "May be empty.",
            "last_name": "May be empty: the login then stands for the name.",
            "email": "The invitation goes there, and the link that resets a password.",
            "organization": "An administrator of the whole server needs none.",
            "role": "A user has extensions; an organization administrator also sets up the organization’s users and "
            "extensions; an administrator sets up everything.",
            "is_active": "Off: signed out at once, everywhere.",
        }
        error_messages = {
            "username": {"unique": "Somebody has this login already. Choose another one."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = (self.instance.organization_id, self.instance.is_active)
        self.fields["email"].required = True
        organization = self.fields["organization"]
        assert isinstance(organization, forms.ModelChoiceField)
        organization.empty_label = "none"
        if not self.on_the_whole_server:
            self._settle_organization()
            role = self.fields["role"]
            assert isinstance(role, forms.ChoiceField)
            role.choices = [one for one in Role.choices if one[0] != Role.ADMINISTRATOR]
        if self.person is not None and self.instance.pk == self.person.pk:
            for name in ("role", "is_active", "organization"):  # nobody locks themselves out
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("role") not in {None, Role.ADMINISTRATOR} and not cleaned.get("organization"):
            self.add_error("organization", "Choose the organization this person belongs to.")
        if self.instance.pk is not None and "organization" in cleaned:
            self._check_move(cleaned["organization"])
        return cleaned

    def _check_move(self, to: Organization | None) -> None:
        """An extension and its owner belong to the same organization."""
        left = self.instance.extensions.select_related("organization").exclude(organization=to)
        if owned := ", ".join(one.extended for one in left):
            self.add_error("organization", f"Give the extensions to somebody else first: {owned}.")

    def save(self, commit: bool = True) -> User:  # Django's signature
        if self.instance.pk is None:
            self.instance.set_unusable_password()
        user: User = super().save(commit)
        was_in, was_active = self.was
        if commit and user.organization_id != was_in:
            Extension.objects.filter(approver=user).exclude(organization=user.organization).update(approver=None)
        if commit and was_active and not user.is_active:
            sign_out_everywhere(user)
        return user


class ExtensionForm(Settings):
    kind = "extension"

    class Meta:
        model = Extension
        fields = ("organization", "number", "name", "owner")
        labels = {"organization": "Organization", "number": "Number", "name": "Name", "owner": "Owner"}
        help_texts = {
            "organization": "Stays, because the faxes belong to it.",
            "number": "1 to 5 digits; colleagues dial it, others dial it with the organization’s number before a star.",
            "name": "Like Front desk.",
            "owner": "Whose it is: the faxes are theirs, and mails about them go there.",
        }
        error_messages = {"number": {"invalid": "Write digits alone, like 210."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.empty_label = "choose a user"
        owner.queryset = User.objects.filter(organization__isnull=False).select_related("organization")
        if not self.on_the_whole_server:
            self._settle_organization()
            assert self.person is not None
            owner.queryset = User.objects.filter(organization=self.person.organization_id)
        if self.instance.organization_id is not None:  # settled before; and its faxes belong to the organization
            self.fields["organization"].disabled = True
            owner.queryset = User.objects.filter(organization_id=self.instance.organization_id)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if len(number) > 5:
            raise ValidationError("An extension has at most 5 digits: more would be read as a phone number.")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        owner, organization = cleaned.get("owner"), cleaned.get("organization")
        if owner and organization and owner.organization_id != organization.pk:
            self.add_error("owner", f"{owner} does not belong to {organization}.")
        if organization and (number := cleaned.get("number")):
            same = Extension.objects.filter(organization=organization, number=number).exclude(pk=self.instance.pk)
            if other := same.first():
                self.add_error("number", f"{number} is {other.name} already. Choose another number.")
        return cleaned


class ExtensionFaxForm(Settings):
    """Fax settings of an extension. Its owner sets what is theirs; the rest is for who administers it."""

    kind = "fax settings"
    FOR_ADMINISTRATORS: ClassVar[tuple[str, ...]] = (
        "fax_enabled",
        "approver",
        "mail_trusted",
        "caller_number",
        "storage_megabytes",
    )
    authorized = forms.CharField(
        label="Authorized sender addresses",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Mails from these addresses become faxes of this extension, also with a +tag. One a line, as many as "
        "you like.",
    )

    class Meta:
        model = Extension
        fields = (
            "fax_enabled",
            "approver",
            "mail_content",
            "mail_cut",
            "mail_cover",
            "mail_trusted",
            "station_id",
            "header_line",
            "caller_number",
            "time_zone",
            "storage_megabytes",
            "delete_after_days",
            "notify",
        )
        labels = {
            "fax_enabled": "Fax is on",
            "approver": "Who approves",
            "mail_content": "What of a mail is sent",
            "mail_cut": "Leave out the signature and quoted text",
            "mail_cover": "A cover page first",
            "mail_trusted": "Proven senders need not confirm",
            "station_id": "Station ID",
            "header_line": "Header line",
            "caller_number": "Caller number",
            "time_zone": "Time zone",
            "storage_megabytes": "Storage allowance, MB",
            "delete_after_days": "Erase faxes after days",
            "notify": "Mail about faxes",
        }
        help_texts = {
            "fax_enabled": "Off: nothing is sent from here, and nothing arrives.",
            "approver": "Gives the second person’s yes where the organization asks for it. Empty: its administrators.",
            "mail_content": "Pictures that stand in the text belong to it.",
            "mail_cut": "What stands below “-- ”, and the older mails in a reply.",
            "mail_cover": "With sender, recipients, subject and the text of the mail.",
            "mail_trusted": "Off: whoever sends a mail gets one back, and confirms the fax by its link. On: only where "
            "DMARC does not prove the sender.",
            "station_id": "Up to 20 digits, plus signs and blanks: what the far machine shows and prints.",
            "header_line": "Stands at the top of each page, beside date and page number. Empty: the extension’s name.",
            "caller_number": "Who is calling, for the far end. Empty: the trunk says.",
            "time_zone": "Like America/New_York. Empty: the organization’s.",
            "storage_megabytes": "1 to 1,000,000. When it is used up, nothing is sent until something is erased. Faxes "
            "still arrive.",
            "delete_after_days": "1 to 3,650. Empty: as the server’s preferences say.",
            "notify": "To the owner, when a fax was sent, has failed, or has arrived.",
        }
        error_messages = {
            "station_id": {"invalid": "Write digits, plus signs and blanks alone, like +1 202 555 0210."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instance: Extension = self.instance
        addresses = instance.authorized_addresses.values_list("address", flat=True)
        self.initial["authorized"] = "\n".join(addresses)
        self.fields["authorized"].help_text += self._say_shared(list(addresses))
        approver = self.fields["approver"]
        assert isinstance(approver, forms.ModelChoiceField)
        approver.queryset = User.objects.filter(organization_id=instance.organization_id, is_active=True)
        approver.empty_label = "the organization’s administrators"
        if self.person is not None and not may_administer(self.person, instance.organization):
            for name in self.FOR_ADMINISTRATORS:
                self.fields[name].disabled = True

    def _say_shared(self, addresses: list[str]) -> str:
        """An address on two extensions is no mistake, but its mails have to name one. Of other organizations' nothing
        is told to who does not look after them.
        """
        others = AuthorizedAddress.objects.filter(address__in=addresses).exclude(extension=self.instance)
        if not self.on_the_whole_server:
            others = others.filter(extension__organization=self.instance.organization)
        shared = [(one.address, one.extension) for one in others.select_related("extension__organization")]
        if not shared:
            return ""
        names = ", ".join(f"{address} ({self._called(extension)})" for address, extension in shared[:_MOST_SHARED])
        more = f" and {len(shared) - _MOST_SHARED} more" if len(shared) > _MOST_SHARED else ""
        return (
            f" On other extensions too: {names}{more}. The subjects of mails from there begin with the extension, like "
            f"{self.instance.number}: +1 202 555 0100."
        )

    def _called(self, extension: Extension) -> str:
        same = extension.organization_id == self.instance.organization_id
        return extension.number if same else extension.extended

    def clean_time_zone(self) -> str:
        return read_zone(self.cleaned_data["time_zone"].strip())

    def clean_caller_number(self) -> str:
        text: str = self.cleaned_data["caller_number"].strip()
        if not text:
            return ""
        instance: Extension = self.instance
        try:
            number = parse_recipient(text, instance.organization.country)
        except Refusal as refusal:
            raise ValidationError(refusal.sentence + " Write it with its area code.") from None
        if not isinstance(number, PublicNumber):
            raise ValidationError("That is an extension. Give the number that the far end may call back.")
        return number.e164

    def clean_authorized(self) -> str:
        addresses = [canonical(one) for one in self.cleaned_data["authorized"].replace(",", "\n").split("\n")]
        for address in filter(None, addresses):
            if not is_mail_address(address):
                raise ValidationError(f"“{address}” is not a mail address. Write one a line, like alice@example.com.")
        return "\n".join(sorted(set(addresses) - {""}))

    def save(self, commit: bool = True) -> Extension:  # Django's signature
        extension: Extension = super().save(commit)
        if commit:
            wanted = set(self.cleaned_data["authorized"].split("\n")) - {""}
            extension.authorized_addresses.exclude(address__in=wanted).delete()
            AuthorizedAddress.objects.bulk_create(
                [AuthorizedAddress(extension=extension, address=one) for one in sorted(wanted)], ignore_conflicts=True
            )
        return extension

"""Whom the mails of the corpus are from: rows beside those of the cast."""

from caselli.store.models import AuthorizedAddress, Extension, Organization, User

AUTHORIZED = {
    "0003*210": (
        "alice@clinic.example",
        "both@clinic.example",
        "nurse+fax@clinic.example",
        "büro@münchen.example",
        "straße@straße.example",
        "o'neil@clinic.example",
    ),
    "0003*211": ("bob@clinic.example", "both@clinic.example"),
    "0003*219": ("off@clinic.example",),
    "0004*210": ("twice@rival.example",),
    "0004*310": ("charlie@rival.example", "twice@rival.example"),
}


def furnish(clinic: Organization, rival: Organization, owner: User) -> None:
    """Extensions that the cast lacks, and every authorized address."""
    for organization, number, faxes in ((clinic, "219", False), (rival, "210", True), (rival, "310", True)):
        Extension.objects.get_or_create(
            organization=organization,
            number=number,
            defaults={"name": f"Extension {number}", "owner": owner, "fax_enabled": faxes},
        )
    for extended, addresses in AUTHORIZED.items():
        number, _star, extension = extended.partition("*")
        found = Extension.objects.get(organization__number=number, number=extension)
        for address in addresses:
            AuthorizedAddress.objects.get_or_create(extension=found, address=address)

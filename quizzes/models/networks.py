"""Address ranges from which a quiz may be sat."""

from ipaddress import ip_address, ip_network

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def read_networks(text: str) -> list:
    """The ranges of a text, one a line. Raises ``ValueError`` naming the line that is none."""
    return [ip_network(line.strip(), strict=False) for line in text.splitlines() if line.strip()]


def validate_networks(text: str) -> None:
    try:
        read_networks(text)
    except ValueError as fault:
        raise ValidationError(_("This is not an address range: %(what)s") % {"what": str(fault)}) from None


def network_refusal(*, address: str, networks: str) -> str | None:
    """Why a quiz cannot be sat from this address, or None. Asked at the start and, as Moodle does, at every access."""
    return None if is_within(address, networks) else gettext("This quiz can be sat in the bank's exam network only.")


def is_within(address: str, networks: str) -> bool:
    """Whether an address lies in one of the ranges; everything does where none are named."""
    ranges = read_networks(networks)
    if not ranges:
        return True
    try:
        address_asked = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(address_asked, "ipv4_mapped", None)
    return any(
        (mapped or address_asked) in network
        for network in ranges
        if network.version == (mapped or address_asked).version
    )

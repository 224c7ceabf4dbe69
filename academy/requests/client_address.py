"""Where a request comes from, also behind the bank's gateway. Every rule about addresses asks here.

The one place that reads ``REMOTE_ADDR`` and ``X-Forwarded-For``; a test holds that.
"""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the client in plain form, '' where it cannot be known.

    With ``TRUSTED_HOPS`` of n the entry is taken that the outermost of the n own gateways wrote: the n-th of
    ``X-Forwarded-For`` from the right, since whatever stands further left may be the client's own invention. A request
    with fewer entries has come past a gateway: then its peer is the address.
    """
    peer = _plain(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_HOPS
    if not hops:
        return peer
    forwarded = [entry for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
    if len(forwarded) < hops:
        return peer
    return _plain(forwarded[-hops]) or peer


def _plain(value: str) -> str:
    """``10.0.0.1``, ``10.0.0.1:4711``, ``[::1]:4711`` and ``::ffff:10.0.0.1`` as the address alone; '' for none."""
    value = value.strip()
    if value.startswith("["):
        value = value[1:].partition("]")[0]
    elif value.count(":") == 1:
        value = value.partition(":")[0]
    try:
        address = ip_address(value)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)

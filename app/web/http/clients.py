"""Who asks: the one address that limits and quotas count by. Knows no route."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection

UNKNOWN = "unknown"  # a client on a socket without addresses
V6_PREFIX = 64  # what one household or host gets: its addresses are one client


def client_of(connection: HTTPConnection) -> str:
    """The address of a request's or socket's client, as the server or a trusted proxy tells it."""
    return named(connection.client.host if connection.client else UNKNOWN)


def plain(host: str) -> str:
    """An address without the form that IPv4 has on a socket of both kinds: ``::ffff:10.0.0.7`` is 10.0.0.7."""
    if not host.startswith("::ffff:"):
        return host
    try:
        mapped = ipaddress.IPv6Address(host).ipv4_mapped
    except ValueError:
        return host
    return host if mapped is None else str(mapped)


def named(host: str) -> str:
    """An address as the key of a client: IPv4 as it is, IPv6 by its network."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return (
        str(ipaddress.ip_network((int(address), V6_PREFIX), strict=False).network_address) + f"/{V6_PREFIX}"
    )

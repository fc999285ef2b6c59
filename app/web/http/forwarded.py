"""Who asks when a proxy stands between: X-Forwarded-For and -Proto of the proxies that a setting names. No route."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("convscope")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_LOGGED = 100  # addresses that are logged
SCOPES = ("http", "websocket")
SCHEMES = {"http": "ws", "https": "wss"}


class Forwarded:
    """ASGI middleware that puts the client and the scheme that a trusted proxy tells into the scope.

    Each proxy adds at the end the address that it was asked by, so the client is the last one that is no proxy's.
    When all of them lie in trusted networks it is the last one, which the nearest proxy saw itself: the first
    could be written by the client. Whoever sits in a trusted network and asks without a proxy can still say what
    it likes, so each address of a network that does is told to the log once.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        self.app = app
        self._trusted: tuple[Network, ...] = tuple(ipaddress.ip_network(one) for one in proxies)
        self._logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, from whom and how it was asked."""
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if scope["type"] in SCOPES and peer is not None and (network := self._network_of(peer)):
            headers = Headers(scope=scope)
            client = self._client(headers.getlist("x-forwarded-for"))
            if client is not None:
                scope["client"] = (str(client), 0)
                self._tell(peer, network)
            scheme = headers.get("x-forwarded-proto", "").strip()
            scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
            if scheme in SCHEMES:
                scope["scheme"] = SCHEMES[scheme] if scope["type"] == "websocket" else scheme
        await self.app(scope, receive, send)

    def _client(self, headers: list[str]) -> Address | None:
        """The last address that is no proxy's; None where it is none, or nothing is told."""
        last: Address | None = None
        for word in reversed(", ".join(headers).split(",")):
            address = _address(word.strip())
            if address is None:
                break
            last = last or address
            if self._network_of(address) is None:
                return address
        return last

    def _network_of(self, address: Address) -> Network | None:
        return next((one for one in self._trusted if address in one), None)

    def _tell(self, peer: Address, network: Network) -> None:
        if network.num_addresses == 1 or str(peer) in self._logged or len(self._logged) >= MOST_LOGGED:
            return
        self._logged.add(str(peer))
        log.warning(
            "%s says for whom it asks, and is believed since CONVSCOPE_PROXIES has %s; "
            "if it is none of your proxies, name those by their addresses",
            peer,
            network,
        )


def _address(word: str) -> Address | None:
    """An address without its port, brackets, zone and mapping; None for anything else."""
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

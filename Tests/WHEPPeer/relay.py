"""A network between two WebRTC peers on loopback: it loses and delays packets, retransmissions included.

A server passes the offer without its candidates to its peer and gives the client an SDP answer whose only candidate is the
relay. Each address of the client gets a socket of its own on the way to the peer, as behind a NAT.
"""
from __future__ import annotations

import asyncio
import random
import re

CANDIDATE = re.compile(r"^a=candidate:(\S+) 1 (?:udp|UDP) \d+ (\S+) (\d+) typ host.*$", re.M)


class Direction(asyncio.DatagramProtocol):
    """The socket towards the peer for one address of the client."""

    def __init__(self, relay: "Relay", client):
        self.relay, self.client, self.transport = relay, client, None

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        self.relay.forward(self.relay.transport, data, self.client)


class Relay(asyncio.DatagramProtocol):
    def __init__(self, peer: tuple[str, int], loss: float, jitter: float, seed: int = 1):
        self.peer, self.loss, self.jitter, self.random = peer, loss, jitter, random.Random(seed)
        self.clients: dict = {}
        self.lost = self.passed = 0
        self.cut = False
        self.transport = None

    @classmethod
    async def start(cls, peer: tuple[str, int], loss: float, jitter: float) -> "Relay":
        _, relay = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(peer, loss, jitter), local_addr=("127.0.0.1", 0))
        return relay

    @property
    def port(self) -> int:
        return self.transport.get_extra_info("sockname")[1]

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        asyncio.ensure_future(self.upwards(data, address))

    async def upwards(self, data: bytes, address) -> None:
        if address not in self.clients:
            self.clients[address] = asyncio.ensure_future(asyncio.get_running_loop().create_datagram_endpoint(
                lambda: Direction(self, address), local_addr=("127.0.0.1", 0)))
        _, direction = await self.clients[address]
        self.forward(direction.transport, data, self.peer)

    def forward(self, transport, data: bytes, to) -> None:
        if self.cut or transport.is_closing():
            return
        if data and 128 <= data[0] <= 191:                                  # SRTP and SRTCP (RFC 7983)
            self.passed += 1
            if self.random.random() < self.loss:
                self.lost += 1
                return
            if self.jitter:
                asyncio.get_running_loop().call_later(
                    self.random.random() * self.jitter, self.deliver, transport, data, to)
                return
        transport.sendto(data, to)

    def deliver(self, transport, data: bytes, to) -> None:
        if not self.cut and not transport.is_closing():
            transport.sendto(data, to)

    async def close(self) -> None:
        self.transport.close()
        for made in self.clients.values():
            (await made)[0].close()


def without_candidates(offer: str) -> str:
    return re.sub(r"^a=(candidate|end-of-candidates).*\r?\n", "", offer, flags=re.M)


async def through_relay(answer: str, loss: float, jitter: float) -> tuple[str, Relay]:
    """The SDP answer with the relay as the only candidate, and the relay to the candidate of IPv4 that it had."""
    found = [m for m in CANDIDATE.finditer(answer) if ":" not in m.group(2)]
    peer = next((m for m in found if m.group(2).startswith("127.")), found[0])
    relay = await Relay.start((peer.group(2), int(peer.group(3))), loss, jitter)
    line = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {relay.port} typ host"
    first, kept = True, []
    for text in answer.split("\r\n"):
        if text.startswith("a=candidate:"):
            if first:
                kept.append(line)
            first = False
        else:
            kept.append(text)
    return "\r\n".join(kept), relay

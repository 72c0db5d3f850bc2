"""A router between two network namespaces: what it forwards it delays, loses, doubles, swaps, limits and translates, as it is told.

    router.py SEED SERVER_DEVICE CLIENT_DEVICE

It makes a TUN device for each side, which the caller moves into a namespace, and prints `ready`. Then it takes lines of JSON, each of
which replaces the rules of a direction or of the address translation:

    {"up": {"loss": 0.05, "delayMs": 100, "jitterMs": 20, "swapped": 0.01, "doubled": 0.01, "kbps": 500, "queueMs": 200,
            "blocked": ["udp"]}, "down": {}, "nat": 1}

`up` is from the client to the server. `nat` gives the client another source port for each of its UDP flows whenever the number changes; 0 is
none. `{"counts": true}` prints how many packets were forwarded and lost. It ends with its standard input.
"""

import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MAX_PACKET_BYTES = 65_536
# What waits longer for the bit rate is lost, unless the rules say otherwise.
QUEUE_MS = 200
# Packets of both directions that are delayed at a time.
MAX_WAITING = 100_000
UDP = 17
PROTOCOLS = {6: "tcp", UDP: "udp"}
# Source ports that the address translation gives out.
FIRST_PORT, LAST_PORT = 20_000, 60_000
BURST = 64


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def protocol_of(packet):
    if len(packet) < 20:
        return 0
    version = packet[0] >> 4
    if version == 4:
        return packet[9]
    return packet[6] if version == 6 else 0


def change_port(packet, at, port):
    """Sets one of the ports of a UDP packet of IPv4, and the checksum (RFC 1624)."""
    head = (packet[0] & 0x0F) * 4
    old = struct.unpack_from("!H", packet, head + at)[0]
    changed = bytearray(packet)
    struct.pack_into("!H", changed, head + at, port)
    checksum = struct.unpack_from("!H", packet, head + 6)[0]
    if checksum != 0:
        total = (~checksum & 0xFFFF) + (~old & 0xFFFF) + port
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("!H", changed, head + 6, (~total & 0xFFFF) or 0xFFFF)
    return bytes(changed)


class Translation:
    """The source ports of the client's UDP flows, as the server sees them."""

    def __init__(self):
        self.generation = 0
        self.outer = {}
        self.inner = {}
        self.next = FIRST_PORT

    def change(self, generation):
        if generation != self.generation:
            self.outer.clear()
            self.inner.clear()
        self.generation = generation

    def applies(self, packet):
        return self.generation > 0 and packet[0] >> 4 == 4 and packet[9] == UDP and len(packet) >= 28

    def up(self, packet):
        if not self.applies(packet):
            return packet
        head = (packet[0] & 0x0F) * 4
        inner = struct.unpack_from("!H", packet, head)[0]
        if inner not in self.outer:
            self.outer[inner] = self.next
            self.inner[self.next] = inner
            self.next = FIRST_PORT if self.next == LAST_PORT else self.next + 1
        return change_port(packet, 0, self.outer[inner])

    def down(self, packet):
        """None for a port that the translation does not know any more."""
        if not self.applies(packet):
            return packet
        head = (packet[0] & 0x0F) * 4
        inner = self.inner.get(struct.unpack_from("!H", packet, head + 2)[0])
        return None if inner is None else change_port(packet, 2, inner)


class Direction:
    def __init__(self, to, translate, numbers, waiting):
        self.to = to
        self.translate = translate
        self.numbers = numbers
        self.waiting = waiting
        self.rules = {}
        self.free_at = 0.0
        self.last_at = 0.0
        self.forwarded = 0
        self.lost = 0

    def take(self, packet, now):
        rules = self.rules
        if PROTOCOLS.get(protocol_of(packet)) in rules.get("blocked", ()):
            self.lost += 1
            return
        packet = self.translate(packet)
        if packet is None or self.numbers.random() < rules.get("loss", 0) or len(self.waiting) >= MAX_WAITING:
            self.lost += 1
            return
        leaves_at = now
        kbps = rules.get("kbps")
        if kbps is not None:
            self.free_at = max(self.free_at, now)
            if (self.free_at - now) * 1_000 > rules.get("queueMs", QUEUE_MS):
                self.lost += 1
                return
            self.free_at += len(packet) * 8 / kbps / 1_000
            leaves_at = self.free_at
        copies = 2 if self.numbers.random() < rules.get("doubled", 0) else 1
        for _ in range(copies):
            delay_ms = rules.get("delayMs", 0) + rules.get("jitterMs", 0) * self.numbers.random()
            at = max(self.last_at, leaves_at + delay_ms / 1_000)
            # What is swapped overtakes everything that waits.
            if self.numbers.random() < rules.get("swapped", 0):
                at = leaves_at
            else:
                self.last_at = at
            self.forwarded += 1
            heapq.heappush(self.waiting, (at, next(Direction.order), self, packet))

    def send(self, packet):
        try:
            os.write(self.to, packet)
        except OSError:
            # The device is down, or its queue full.
            self.lost += 1

    order = iter(range(sys.maxsize))


def read_all(device, direction):
    for _ in range(BURST):
        try:
            packet = os.read(device, MAX_PACKET_BYTES)
        except OSError:
            return
        if packet:
            direction.take(packet, time.monotonic())


def main():
    seed, server_name, client_name = sys.argv[1:]
    server, client = open_device(server_name), open_device(client_name)
    numbers = random.Random(int(seed))
    waiting = []
    translation = Translation()
    up = Direction(server, translation.up, numbers, waiting)
    down = Direction(client, translation.down, numbers, waiting)
    print("ready", flush=True)

    selector = selectors.DefaultSelector()
    selector.register(client, selectors.EVENT_READ, up)
    selector.register(server, selectors.EVENT_READ, down)
    selector.register(0, selectors.EVENT_READ)
    text = b""
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _ in selector.select(timeout):
            if key.data is not None:
                read_all(key.fd, key.data)
                continue
            read = os.read(0, MAX_PACKET_BYTES)
            if not read:
                return
            *lines, text = (text + read).split(b"\n")
            for line in lines:
                told = json.loads(line)
                for name, direction in (("up", up), ("down", down)):
                    if name in told:
                        direction.rules = told[name]
                if "nat" in told:
                    translation.change(told["nat"])
                if "counts" in told:
                    counts = {name: {"forwarded": one.forwarded, "lost": one.lost} for name, one in (("up", up), ("down", down))}
                    print("counts " + json.dumps(counts), flush=True)
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, direction, packet = heapq.heappop(waiting)
            direction.send(packet)


main()

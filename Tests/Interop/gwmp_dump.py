"""Reads a capture of the loopback interface and shows one packet-forwarder message of each kind, byte for byte.

The kinds, their numbers and what follows the header are those of Semtech's PROTOCOL.TXT, version 2. Exits with 1 when a kind
is missing, or a message is not as that text has it.
"""

import json
import struct
import sys

KINDS = {0: "PUSH_DATA", 1: "PUSH_ACK", 2: "PULL_DATA", 3: "PULL_RESP", 4: "PULL_ACK", 5: "TX_ACK"}
HAS_EUI = {"PUSH_DATA", "PULL_DATA", "TX_ACK"}


def datagrams(path):
    """Source, destination and payload of every UDP datagram over IPv4 in a little-endian pcap file of Ethernet frames."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 24
    while offset + 16 <= len(data):
        length = struct.unpack_from("<I", data, offset + 8)[0]
        frame = data[offset + 16 : offset + 16 + length]
        offset += 16 + length
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        udp = 14 + 4 * (frame[14] & 15)
        source, destination = struct.unpack_from(">HH", frame, udp)
        name = ".".join(map(str, frame[26:30])) + f":{source}", ".".join(map(str, frame[30:34])) + f":{destination}"
        yield *name, frame[udp + 8 :]


def fault(kind, payload):
    """What is wrong with a message; nothing, if it is as the text has it."""
    head = 12 if kind in HAS_EUI else 4
    if payload[0] not in (1, 2):
        return f"version {payload[0]}"
    body = payload[head:]
    if kind in ("PUSH_ACK", "PULL_ACK", "PULL_DATA") and body:
        return f"{len(body)} bytes behind the header"
    # The acknowledgement of a downlink may be bare.
    wanted = {"PUSH_DATA": {"rxpk", "stat"}, "PULL_RESP": {"txpk"}, "TX_ACK": {"txpk_ack"}}.get(kind)
    if wanted and (body or kind != "TX_ACK"):
        try:
            names = set(json.loads(body))
        except ValueError as error:
            return f"no JSON: {error}"
        if not names or names - wanted:
            return f"holds {sorted(names)}"
    return None


def show(kind, source, destination, payload):
    head = 12 if kind in HAS_EUI else 4
    print(f"{kind}  {source} -> {destination}  {len(payload)} bytes")
    for start in range(0, len(payload), 32):
        piece = payload[start : start + 32]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        print(f"  {start:04x}  {piece.hex(' ')}  {text}")
    eui = f", gateway {payload[4:12].hex()}" if head == 12 else ""
    print(f"  version {payload[0]}, token {payload[1:3].hex()}, kind {payload[3]}{eui}, {len(payload) - head} bytes of JSON\n")


def main(path):
    counts = dict.fromkeys(KINDS.values(), 0)
    tokens, faults = set(), []
    for source, destination, payload in datagrams(path):
        if len(payload) < 4 or payload[3] not in KINDS:
            faults.append(f"{source} -> {destination}: no message of this protocol: {payload[:8].hex()}")
            continue
        kind = KINDS[payload[3]]
        wrong = fault(kind, payload)
        if wrong:
            faults.append(f"{kind}: {wrong}")
        # An acknowledgement repeats the token of what it answers.
        if kind in ("PUSH_DATA", "PULL_DATA", "PULL_RESP"):
            tokens.add((source, destination, payload[3], payload[1:3]))
        answered = {"PUSH_ACK": 0, "PULL_ACK": 2, "TX_ACK": 3}.get(kind)
        if answered is not None and (destination, source, answered, payload[1:3]) not in tokens:
            faults.append(f"{kind}: token {payload[1:3].hex()} is that of no {KINDS[answered]}")
        if counts[kind] == 0 and (kind != "PUSH_DATA" or b'"rxpk"' in payload):
            show(kind, source, destination, payload)
            counts[kind] = 1
        elif counts[kind] > 0:
            counts[kind] += 1
    print("  ".join(f"{kind} {count}" for kind, count in counts.items()) + f"  faults {len(faults)}")
    for text in faults[:5]:
        print(text, file=sys.stderr)
    missing = [kind for kind, count in counts.items() if count == 0]
    if missing:
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing or faults else 0


sys.exit(main(sys.argv[1]))

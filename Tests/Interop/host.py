"""The other end of scripts/interop: a libp2p host in Python that dials our program and is dialled by it, and takes part in
a mesh of ours.

usage: host.py PROGRAM COUNT
"""

import hashlib
import logging
import subprocess
import sys
import time

import multiaddr
import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.host.ping import PingService
from libp2p.identity.identify.identify import parse_identify_response
from libp2p.network.config import ConnectionConfig
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.envelope import consume_envelope
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V12, GossipSub
from libp2p.pubsub import pubsub as pubsub_module
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.rpc_queue import DefaultMaxMessageSize, RpcQueue
from libp2p.tools.anyio_service import background_trio_service

IDENTIFY = "/ipfs/id/1.0.0"
PING = "/ipfs/ping/1.0.0"
ECHO = "/cairn/echo/1"
TOPIC = "/cairn/test/1"
PUBLISHED = 2_000
PER_SECOND = 200
EXPECTED = {IDENTIFY, "/ipfs/id/push/1.0.0", PING, ECHO}
LOOPBACK = multiaddr.Multiaddr("/ip4/127.0.0.1/tcp/0")

# A host complains aloud about streams of its own that were still opening when the other end hung up.
logging.disable(logging.CRITICAL)


async def parts(stream):
    """What arrives, until the other end finishes its side."""
    try:
        while part := await stream.read(4096):
            yield part
    except StreamEOF:
        pass


async def echo_back(stream):
    async for part in parts(stream):
        await stream.write(part)
    await stream.close()


async def dial_once(address, size):
    """A fresh host connects, asks who is there, pings, and has `size` bytes echoed."""
    host = new_host(key_pair=create_new_key_pair())
    async with host.run(listen_addrs=[LOOPBACK]):
        info = info_from_p2p_addr(multiaddr.Multiaddr(address))
        await host.connect(info)
        stream = await host.new_stream(info.peer_id, [IDENTIFY])
        message = parse_identify_response(b"".join([part async for part in parts(stream)]))
        _, record = consume_envelope(message.signedPeerRecord, "libp2p-peer-record")
        assert record.peer_id == info.peer_id and record.addrs == info.addrs, f"another's record: {record}"
        missing = EXPECTED - set(message.protocols)
        assert not missing, f"identify does not list {missing}"
        assert len(await PingService(host).ping(info.peer_id, 3)) == 3
        stream = await host.new_stream(info.peer_id, [ECHO])
        question = bytes(index % 251 for index in range(size))
        await stream.write(question)
        answer = b""
        while len(answer) < size and (part := await stream.read(size - len(answer))):
            answer += part
        assert answer == question, f"{len(answer)} of {size} bytes came back"
        await stream.close()


async def they_dial_us(program, count):
    listener = subprocess.Popen([program, "listen"], stdout=subprocess.PIPE, text=True)
    try:
        address = listener.stdout.readline().split()[1]
        start = time.monotonic()
        for number in range(count):
            with trio.fail_after(20):
                await dial_once(address, 100_000 if number % 10 == 0 else 100)
        assert listener.poll() is None, "our listener died"
        print(f"python dials cairn: {count} of {count} whole in {time.monotonic() - start:.1f} s")
    finally:
        listener.terminate()
        listener.wait()


async def we_dial_them(program, count):
    # This implementation (0.8.1, network/swarm.py) takes one of max_connections - min_connections slots for every
    # connection that arrives and gives it back when the whole host ends, not when the connection does.
    config = ConnectionConfig()
    config.max_connections = count + config.max_connections
    host = new_host(key_pair=create_new_key_pair(), connection_config=config)
    host.set_stream_handler(PING, PingService(host).handle_ping)
    host.set_stream_handler(ECHO, echo_back)
    async with host.run(listen_addrs=[LOOPBACK]):
        port = next(a for a in host.get_addrs() if "/ip4/127.0.0.1/tcp/" in str(a)).value_for_protocol("tcp")
        command = [program, "dial", f"127.0.0.1:{port}", str(host.get_id()), str(count)]
        with trio.fail_after(20 + count):
            result = await trio.run_process(command, capture_stdout=True, check=False)
        lines = result.stdout.decode().splitlines()
        print(f"cairn dials python: {sum(line.startswith('agent=') for line in lines)} of {count} whole; {lines[-1]}")
        assert result.returncode == 0, lines[-1]


async def carry_late(source, target, delay):
    """Hands on every piece `delay` seconds after it came, in order."""
    arrivals, departures = trio.open_memory_channel(1_000)

    async def hand_on():
        async for due, piece in departures:
            await trio.sleep_until(due)
            await target.send_all(piece)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(hand_on)
        try:
            async for piece in source:
                await arrivals.send((trio.current_time() + delay, piece))
        except trio.BrokenResourceError:
            pass
        await arrivals.aclose()


async def late_link(near, port, delay):
    far = await trio.open_tcp_stream("127.0.0.1", int(port))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(carry_late, near, far, delay)
        nursery.start_soon(carry_late, far, near, delay)


async def count_round_trips(program, delay=0.25):
    """Dials over a link so slow that only round trips count, and counts those until the first pong."""
    host = new_host(key_pair=create_new_key_pair())
    host.set_stream_handler(PING, PingService(host).handle_ping)
    host.set_stream_handler(ECHO, echo_back)
    async with host.run(listen_addrs=[LOOPBACK]), trio.open_nursery() as nursery:
        port = next(a for a in host.get_addrs() if "/ip4/127.0.0.1/tcp/" in str(a)).value_for_protocol("tcp")
        links = await nursery.start(trio.serve_tcp, lambda near: late_link(near, port, delay), 0)
        link_port = links[0].socket.getsockname()[1]
        command = [program, "dial", f"127.0.0.1:{link_port}", str(host.get_id()), "1"]
        with trio.fail_after(30):
            result = await trio.run_process(command, capture_stdout=True, check=False)
        nursery.cancel_scope.cancel()
    line = result.stdout.decode().splitlines()[-1]
    assert result.returncode == 0, line
    pong = int(line.split("first_pong_us=")[1].split()[0]) / 1e6
    round_trips = pong / (2 * delay)
    print(f"first pong after {round_trips:.2f} round trips of {2 * delay:.1f} s, TCP connect not counted")
    assert round_trips < 3


# Its queues hold 32 entries and drop what comes on top without a word, which on a busy machine is most of a burst.
pubsub_module.SUBSCRIPTION_CHANNEL_SIZE = 4_096
RpcQueue.__init__.__defaults__ = (4_096, DefaultMaxMessageSize)


def message_id(message):
    """The network's one function, as docs/interop.md has it."""
    topic = message.topicIDs[0].encode()
    return hashlib.sha256(b"cairn-msg-1" + len(topic).to_bytes(2, "little") + topic + message.data).digest()[:20]


async def collect(subscription, heard):
    while True:
        message = await subscription.get()
        heard.add(message.data)


async def publish_and_receive(program):
    """Publishes to five nodes in a ring of which it knows one, and hears what another of them publishes."""
    mesh = subprocess.Popen(
        [program, "mesh", str(PUBLISHED), str(PER_SECOND)], stdout=subprocess.PIPE, text=True)
    try:
        address = mesh.stdout.readline().split()[1]
        host = new_host(key_pair=create_new_key_pair())
        # Its protections against many messages from one address do not fit a test on one machine.
        router = GossipSub(
            [PROTOCOL_ID_V12], 6, 4, 12, heartbeat_interval=1, spam_protection_enabled=False,
            eclipse_protection_enabled=False)
        pubsub = Pubsub(host, router, msg_id_constructor=message_id)
        async with (
            host.run(listen_addrs=[LOOPBACK]), background_trio_service(pubsub), background_trio_service(router),
            trio.open_nursery() as nursery,
        ):
            heard = set()
            await host.connect(info_from_p2p_addr(multiaddr.Multiaddr(address)))
            await pubsub.wait_until_ready()
            nursery.start_soon(collect, await pubsub.subscribe(TOPIC), heard)
            await trio.sleep(4)
            start = trio.current_time()
            own = set()
            for number in range(PUBLISHED):
                await trio.sleep_until(start + number / PER_SECOND)
                own.add(number.to_bytes(4, "big") + bytes(252))
                await pubsub.publish(TOPIC, number.to_bytes(4, "big") + bytes(252))
            with trio.fail_after(60):
                line = await trio.to_thread.run_sync(mesh.stdout.readline)
            counts = [int(word) for word in line.split()[1:]]
            print(f"python publishes {PUBLISHED} at {PER_SECOND} a second: five nodes heard {counts}")
            assert len(counts) == 5 and min(counts) >= 0.999 * PUBLISHED
            with trio.fail_after(60):
                await trio.to_thread.run_sync(mesh.stdout.readline)
            with trio.move_on_after(20):
                while len(heard - own) < PUBLISHED:
                    await trio.sleep(0.1)
            print(f"cairn publishes {PUBLISHED} at {PER_SECOND} a second: python heard {len(heard - own)}")
            assert len(heard - own) >= 0.999 * PUBLISHED
            nursery.cancel_scope.cancel()
    finally:
        mesh.terminate()
        mesh.wait()


async def main(program, count):
    await publish_and_receive(program)
    await count_round_trips(program)
    await they_dial_us(program, count)
    await we_dial_them(program, count)


trio.run(main, sys.argv[1], int(sys.argv[2]))

"""The other end of scripts/interop: a libp2p host in Python that dials our program and is dialled by it.

usage: host.py PROGRAM COUNT
"""

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
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.peerinfo import info_from_p2p_addr

IDENTIFY = "/ipfs/id/1.0.0"
PING = "/ipfs/ping/1.0.0"
ECHO = "/cairn/echo/1"
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
    host = new_host(key_pair=create_new_key_pair())
    host.set_stream_handler(PING, PingService(host).handle_ping)
    host.set_stream_handler(ECHO, echo_back)
    async with host.run(listen_addrs=[LOOPBACK]):
        port = next(a for a in host.get_addrs() if "/ip4/127.0.0.1/tcp/" in str(a)).value_for_protocol("tcp")
        command = [program, "dial", f"127.0.0.1:{port}", str(host.get_id()), str(count)]
        with trio.fail_after(20 + count):
            result = await trio.run_process(command, capture_stdout=True, check=False)
        lines = result.stdout.decode().splitlines()
        print(f"cairn dials python: {sum('echo=true' in line for line in lines)} of {count} whole; {lines[-1]}")
        assert result.returncode == 0, lines[-1]


async def main(program, count):
    await they_dial_us(program, count)
    await we_dial_them(program, count)


trio.run(main, sys.argv[1], int(sys.argv[2]))

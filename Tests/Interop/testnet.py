"""A libp2p host in Python takes part in a testnet of ours: it dials the printed address, hears of blocks, and publishes a
transfer that it made and signed itself.

usage: testnet.py CAIRN DIRECTORY
"""

import hashlib
import json
import logging
import struct
import subprocess
import sys
import urllib.request

import multiaddr
import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V12, GossipSub
from libp2p.pubsub.pubsub import Pubsub
from libp2p.tools.anyio_service import background_trio_service
from nacl.signing import SigningKey

BLOCKS = "/cairn/block/1"
TRANSACTIONS = "/cairn/tx/1"
HEADER = 350
FINALIZE = 3
TRANSFER = 1
LOOPBACK = multiaddr.Multiaddr("/ip4/127.0.0.1/tcp/0")
logging.disable(logging.CRITICAL)


def message_id(message):
    """The network's one function, as docs/interop.md has it."""
    topic = message.topicIDs[0].encode()
    return hashlib.sha256(b"cairn-msg-1" + len(topic).to_bytes(2, "little") + topic + message.data).digest()[:20]


def tagged(tag, data):
    """H(tag; data) of docs/protocol/ledger.md."""
    return hashlib.blake2b(data, digest_size=32, person=tag.ljust(16, b"\0")).digest()


def account_text(key):
    """An account as people write it: bech32m (BIP 350) with the prefix cn."""
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = int.from_bytes(key, "big") << 4
    values = [bits >> shift & 31 for shift in range(255, -1, -5)]

    def polymod(values):
        check = 1
        for value in values:
            top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
            for index, word in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= word if top >> index & 1 else 0
        return check

    prefix = [ord(letter) >> 5 for letter in "cn"] + [0] + [ord(letter) & 31 for letter in "cn"]
    check = polymod(prefix + values + [0] * 6) ^ 0x2BC830A3
    return "cn1" + "".join(alphabet[value] for value in values + [check >> shift & 31 for shift in range(25, -1, -5)])


def transfer(key, chain, nonce, fee, expiry, to, amount):
    """The canonical bytes of a transfer, and its id."""
    body = struct.pack("<B4s32sBQQQB32sQ", 1, chain[:4], bytes(key.verify_key), 0, nonce, fee, expiry, TRANSFER, to, amount)
    signed = b"cn/tx".ljust(16, b"\0") + chain + body
    return body + key.sign(signed).signature, tagged(b"cn/txid", signed)


class Testnet:
    """One testnet, asked through the program and through the API of one node."""

    def __init__(self, cairn, directory):
        self.cairn, self.directory = cairn, directory
        self.id = self.ask("net", "id")
        self.api = "http://" + self.ask("status")["api"]

    def ask(self, *words):
        command = [self.cairn, "testnet", "exec", "--dir", self.directory, "n0", "--", *words, "--json"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def get(self, path):
        with urllib.request.urlopen(self.api + path, timeout=10) as answer:
            return json.load(answer)


async def hear_of_blocks(subscription, testnet, count):
    """Waits for `count` blocks, and looks at what was said of each: the network, the height, the digest."""
    heard = {}
    while len(heard) < count:
        data = (await subscription.get()).data
        header = data[1 : 1 + HEADER]
        assert data[0] == FINALIZE and header[:32].hex() == testnet.id["chain"], "a finalization of another network"
        heard[struct.unpack_from("<Q", header, 48)[0]] = tagged(b"cn/block", header).hex()
    for height, digest in heard.items():
        block = testnet.get(f"/v1/chain/block?block={height}")
        assert block["block"] == digest, f"block {height} is {block['block']}, published was {digest}"
    print(f"python hears of blocks {min(heard)} to {max(heard)}: {count} certificates, each of the block the API shows")


async def publish_a_transfer(pubsub, testnet):
    """A new account is given tokens, and sends some of them back by the topic alone."""
    key = SigningKey.generate()
    own = account_text(bytes(key.verify_key))
    testnet.ask("wallet", "send", own, "5", "--wait=60s")
    account = testnet.get(f"/v1/accounts/{own}")
    assert account["balance"] == "5", account
    giver = testnet.get(f"/v1/chain/account?account={testnet.ask('wallet', 'show')['account']}")
    data, identity = transfer(
        key, bytes.fromhex(testnet.id["chain"]), account["next_nonce"], account["fee_min_units"],
        account["height"] + 100, bytes.fromhex(giver["key"]), 200_000_000)
    await pubsub.publish(TRANSACTIONS, data)
    with trio.fail_after(60):
        while (found := testnet.get(f"/v1/transactions/{identity.hex()}"))["state"] != "committed":
            await trio.sleep(0.2)
    print(f"python publishes a transfer of 2 tokens, {len(data)} bytes: in block {found['height']}, {found['outcome']}")
    assert found["outcome"] == "applied"
    print(f"it has {testnet.get(f'/v1/accounts/{own}')['balance']} of 5 tokens left")


async def main(cairn, directory):
    testnet = Testnet(cairn, directory)
    host = new_host(key_pair=create_new_key_pair())
    router = GossipSub(
        [PROTOCOL_ID_V12], 6, 4, 12, heartbeat_interval=1, spam_protection_enabled=False, eclipse_protection_enabled=False)
    pubsub = Pubsub(host, router, msg_id_constructor=message_id)
    async with host.run(listen_addrs=[LOOPBACK]), background_trio_service(pubsub), background_trio_service(router):
        await host.connect(info_from_p2p_addr(multiaddr.Multiaddr(testnet.id["address"])))
        await pubsub.wait_until_ready()
        print(f"python joins {testnet.id['network']} through {testnet.id['address']}")
        blocks = await pubsub.subscribe(BLOCKS)
        await pubsub.subscribe(TRANSACTIONS)
        with trio.fail_after(60):
            await hear_of_blocks(blocks, testnet, 5)
        await publish_a_transfer(pubsub, testnet)


trio.run(main, *sys.argv[1:])

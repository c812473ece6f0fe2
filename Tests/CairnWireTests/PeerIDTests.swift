import CairnBase
import CairnWire
import Testing

@Suite struct PeerIDTests {
    /// Published pairs of an Ed25519 key and its peer id: the libp2p peer id of the secret key 0…01, a vector of
    /// js-libp2p, and the two forms in go-multiaddr's tests.
    @Test(arguments: [
        (
            "4cb5abf6ad79fbf5abbccafcc269d85cd2651ed4b885b5869f241aedf0a5ba29",
            "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
        ),
        (
            "27fe673e89ba79f6689320f436aa19e3f8a61db012a865a26d0ddd59154d5c76",
            "12D3KooWCWV4hXqS28dB7ybxDTAn78MsQmPMfTGi6aTGqffMhfFs"
        ),
        (
            "2d3de6d16ae87f7a933fe1552162a2d3f04951e90e8051e4ee2c18f002dd0fb4",
            "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV"
        ),
        (
            "2d3de6d16ae87f7a933fe1552162a2d3f04951e90e8051e4ee2c18f002dd0fb4",
            "bafzaajaiaejcalj543iwv2d7pkjt7ykvefrkfu7qjfi6sduakhso4lay6abn2d5u"
        ),
        (
            "12c8299ec2c51dffbbcb4f9fccadcee1424cb237e9b30d3cd72d47c18103689d",
            "bafzaajaiaejcaewifgpmfri57654wt47zsw45ykcjszdp2ntbu6nolkhygaqg2e5"
        ),
    ])
    func published(key: String, text: String) throws {
        let raw = try #require(bytes(hex: key))
        let node = try #require(NodeID(raw))
        #expect(try NodeID(peerID: text) == node)
        #expect(try NodeID(peerID: node.peerIDBytes) == node)
        #expect(try NodeID(peerID: node.peerID) == node)
        if text.hasPrefix("12D3") { #expect(node.peerID == text) }
    }

    @Test(arguments: [
        "", "1", "b", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
        "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDE",
        "bafzbeigvf25ytwc3akrijfecaotc74udrhcxzh2cx3we5qqnw5vgrei4bm",
        "z12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp",
        "BAFZAAJAIAEJCALJ543IWV2D7PKJT7YKVEFRKFU7QJFI6SDUAKHSO4LAY6ABN2D5U",
    ])
    func otherIdsAreRefused(text: String) {
        #expect(throws: DecodeError.self) { try NodeID(peerID: text) }
    }

    @Test func everyOtherLengthAndHeadIsRefused() {
        var random = SeededRandom(seed: 5)
        let bytes = NodeID(random.bytes32()).peerIDBytes
        for count in bytes.indices {
            #expect(throws: DecodeError.invalid("Ed25519 peer id")) { try NodeID(peerID: Array(bytes.prefix(count))) }
        }
        #expect(throws: DecodeError.invalid("Ed25519 peer id")) { try NodeID(peerID: bytes + [0]) }
        for index in 0..<6 {
            var other = bytes
            other[index] ^= 1
            #expect(throws: DecodeError.self) { try NodeID(peerID: other) }
        }
    }
}

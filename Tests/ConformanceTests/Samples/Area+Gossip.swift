import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

extension Area {
    /// What nodes tell one another about who is there.
    static let gossip = Area(name: "gossip") {
        let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
        let chain = ChainID(Bytes32([UInt8](33...64)) ?? .zero)
        func record(_ addresses: [String]) -> NodeRecord {
            let content = NodeRecord.Content(
                chain: chain, node: NodeID(key.publicKey), datagramKey: Bytes32([UInt8](65...96)) ?? .zero,
                sequence: 0x0102_0304_0506_0708, addresses: addresses.compactMap { Endpoint($0) })
            return NodeRecord(content, signature: key.sign(content.encoded, tag: NodeRecord.domainTag, chain: chain))
        }
        let near = record(["10.1.2.3:7470", "[2001:db8::7]:7480"])
        let suspicion = MembershipMessage.Suspicion(subject: 0x1112_1314_1516_1718, sequence: 9, isFirstHand: true)
        let reference = MembershipMessage.Reference(member: 0x1112_1314_1516_1718, sequence: 9)
        return [
            try .canonical("record", near),
            try .canonical("record-without-address", record([])),
            .writeOnly("record-signed", signedBytes(NodeRecord.domainTag, chain: chain, body: near.signedBody)),
            try .canonical("ping", MembershipMessage.ping(number: 7, doubt: 9)),
            try .canonical("acknowledgement", MembershipMessage.acknowledgement(number: 7)),
            try .canonical("probe", MembershipMessage.probe(number: 7, subject: NodeID(key.publicKey))),
            try .canonical("probed", MembershipMessage.probed(number: 7, answered: true)),
            try .canonical("suspicion", MembershipMessage.suspicion(suspicion)),
            try .canonical("told-record", MembershipMessage.record(near)),
            try .canonical("digest", MembershipMessage.digest(ViewDigest())),
            try .canonical("listing", MembershipMessage.listing(groups: 5, [reference])),
            try .canonical("want", MembershipMessage.want([reference.member])),
            try .canonical("sample", MembershipMessage.sample([near], answer: true)),
        ]
    }
}

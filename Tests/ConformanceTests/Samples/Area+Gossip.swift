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
        let question = DialBackQuestion(
            nonce: Bytes32([UInt8](65...96)) ?? .zero, endpoint: Endpoint("203.0.113.7:7470") ?? .init(.any, port: 0))
        let dialled = DialBackResult.Content(
            asker: NodeID(Bytes32([UInt8](97...128)) ?? .zero), dialler: NodeID(key.publicKey), nonce: question.nonce,
            endpoint: question.endpoint, outcome: .unproven, milliseconds: 5_000, time: 1_800_000_000)
        let result = DialBackResult(
            dialled, signature: key.sign(dialled.encoded, tag: DialBackResult.domainTag, chain: chain))
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
            try .canonical("dial-back", question),
            try .canonical("dialled-back", result),
        ]
    }
}

extension Area {
    /// What is published by topic, in libp2p's form.
    static let pubsub = Area(name: "pubsub") {
        let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
        let hash: ContentHash = { SHA256.digest($0) }
        let message = GossipMessage(
            .transactions, Array("abc".utf8), by: NodeID(key.publicKey), sequence: 0x0102_0304_0506_0708, using: hash
        ) { key.sign($0) }
        func envelope(_ write: (inout GossipEnvelope) -> Void) -> [UInt8] {
            var envelope = GossipEnvelope()
            write(&envelope)
            return envelope.encoded
        }
        return [
            .writeOnly("id", message.id.bytes),
            .writeOnly("message", message.encoded),
            .writeOnly("message-signed", message.signedBytes),
            .writeOnly("subscribe", envelope { $0.subscriptions = [.init(topic: .transactions, isOn: true)] }),
            .writeOnly("unsubscribe", envelope { $0.subscriptions = [.init(topic: .blocks, isOn: false)] }),
            .writeOnly("publish", envelope { $0.messages = [message] }),
            .writeOnly("ihave", envelope { $0.announced = [.init(topic: .blocks, ids: [message.id])] }),
            .writeOnly("iwant", envelope { $0.wanted = [message.id] }),
            .writeOnly("graft", envelope { $0.grafts = [.blocks] }),
            .writeOnly("prune", envelope { $0.prunes = [.init(topic: .blocks, backoff: .seconds(60))] }),
            .writeOnly("idontwant", envelope { $0.unwanted = [message.id] }),
        ]
    }
}

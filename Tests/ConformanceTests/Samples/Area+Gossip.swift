import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

extension Area {
    /// What nodes say to one another before anything else.
    static let gossip = Area(name: "gossip") {
        let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
        let chain = ChainID(Bytes32([UInt8](33...64)) ?? .zero)
        func hello(_ kind: Hello.Kind, echo: UInt64) -> Hello {
            let content = Hello.Content(
                kind, network: chain.raw.low64, sender: NodeID(key.publicKey), session: 0x0102_0304_0506_0708,
                sequence: 9, nonce: 0x1112_1314_1516_1718, echo: echo)
            let signature = key.sign(content.encoded, tag: Hello.domainTag, chain: chain)
            return Hello(content, signature: signature)
        }
        let greeting = hello(.greeting, echo: 0)
        return [
            try .canonical("hello-greeting", greeting),
            try .canonical("hello-reply", hello(.reply, echo: 0x2122_2324_2526_2728)),
            .writeOnly("hello-signed", signedBytes(Hello.domainTag, chain: chain, body: greeting.signedBody)),
        ]
    }
}

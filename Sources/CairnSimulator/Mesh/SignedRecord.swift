import CairnBase
import CairnWire

extension KeyedHashScheme.SigningKey {
    /// What the node of this key says about itself.
    func record(datagramKey: Bytes32, sequence: UInt64, at endpoint: Endpoint, on chain: ChainID) -> NodeRecord {
        let content = NodeRecord.Content(
            chain: chain, node: NodeID(publicKey), datagramKey: datagramKey, sequence: sequence, addresses: [endpoint])
        return NodeRecord(content, signature: sign(content.encoded, tag: NodeRecord.domainTag, chain: chain))
    }
}

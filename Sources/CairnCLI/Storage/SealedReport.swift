import CairnBase
import CairnLedger
import CairnRuntime
import CairnWire

/// What a node says of its sealed partitions.
struct SealedReport {
    struct Partition {
        let number: UInt32
        let units: UInt64
        /// How many are sealed.
        let sealed: UInt64
        /// Known when all are.
        let roots: (packed: Digest, manifest: Digest)?

        init?(_ document: JSON) {
            guard let number = document["partition"]?.integer(UInt32.self),
                let units = document["units"]?.integer(UInt64.self),
                let sealed = document["sealed"]?.integer(UInt64.self)
            else { return nil }
            self.number = number
            self.units = units
            self.sealed = sealed
            let packed = document["packed"]?.string.flatMap { Digest(hex: $0) }
            let manifest = document["manifest"]?.string.flatMap { Digest(hex: $0) }
            if let packed, let manifest { roots = (packed, manifest) } else { roots = nil }
        }
    }

    /// Nil as long as the chain knows no sealed resource of the node.
    let resource: ResourceID?
    let partitions: [Partition]
    let isDiskFull: Bool

    init(_ document: JSON) {
        resource = document["resource"]?.string.flatMap { bytes(hex: $0) }.flatMap { Bytes32($0) }.map {
            ResourceID($0)
        }
        partitions = (document["partitions"]?.array ?? []).compactMap(Partition.init)
        isDiskFull = document["isDiskFull"]?.bool ?? false
    }

    var isWhole: Bool { !partitions.isEmpty && partitions.allSatisfy { $0.roots != nil } }
}

extension NodeClient {
    /// Nil where the node seals nothing.
    func sealed() throws(Failure) -> SealedReport? {
        let answer = try exchange(.get, "/v1/storage")
        guard answer.status == 200, let document = try document(answer)["sealed"], document != .null else { return nil }
        return SealedReport(document)
    }
}

extension SealedReport {
    /// What the owner says of one of them on the chain.
    func claim(_ partition: Partition, on node: NodeID) -> Action? {
        guard let resource, let roots = partition.roots else { return nil }
        return .seal(
            SealedClaim(
                resource: resource, partition: partition.number, node: node, packed: roots.packed,
                manifest: roots.manifest))
    }
}

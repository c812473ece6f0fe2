import CairnBase
import CairnWire

/// The name of one state entry: a table byte, then the fixed-width fields that single the record out.
///
/// Integers inside keys are big-endian, so that the order of key bytes is the order a person expects in a database.
public struct StateKey: Sendable, Hashable, Comparable {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ table: StateTable) {
        bytes = [table.rawValue]
    }

    init(_ table: StateTable, _ id: some Identifier) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + Bytes32.count)
        bytes.append(table.rawValue)
        id.raw.append(to: &bytes)
        self.bytes = bytes
    }

    init(_ table: StateTable, number: UInt64) {
        bytes = [table.rawValue] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    init(_ table: StateTable, _ ordinal: some Ordinal) {
        self.init(table, number: ordinal.number)
    }

    init(_ table: StateTable, _ ordinal: some Ordinal, _ id: some Identifier) {
        self.init(bytes: StateKey(table, ordinal).bytes + id.raw.bytes)
    }

    init(_ table: StateTable, numbers: UInt64...) {
        bytes = numbers.reduce(into: [table.rawValue]) { bytes, number in
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }

    init(_ table: StateTable, number: UInt64, _ id: some Identifier) {
        self.init(bytes: StateKey(table, number: number).bytes + id.raw.bytes)
    }

    /// In one go: an array hashes itself byte by byte.
    public func hash(into hasher: inout Hasher) {
        // SAFETY: the bytes are lent for the call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    public var table: StateTable? { bytes.first.flatMap(StateTable.init) }

    public static func < (left: StateKey, right: StateKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension StateKey: CustomStringConvertible {
    public var description: String {
        let name = table.map { "\($0)" } ?? "unknown"
        return "\(name):\(hex(bytes.dropFirst()))"
    }
}

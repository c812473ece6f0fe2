public import CairnBase
public import CairnWire

/// How much was bonded, now and at the start of each of the last periods: what votes are counted by, so that stake which
/// came after a proposal weighs nothing in it.
public struct StakeHistory: Record {
    public private(set) var now: Amount
    /// What it was when a period began that then changed it, oldest first.
    private var earlier: [(period: UInt64, amount: Amount)]

    static let periodsMax = 32

    public init(_ amount: Amount = .zero) { (now, earlier) = (amount, []) }

    mutating func set(_ amount: Amount, in period: UInt64) {
        guard amount != now else { return }
        if earlier.last?.period != period { earlier.append((period, now)) }
        if earlier.count > Self.periodsMax { earlier.removeFirst() }
        now = amount
    }

    /// What it was when a period began.
    func amount(atStartOf period: UInt64) -> Amount {
        earlier.first { $0.period >= period }?.amount ?? now
    }

    public static func == (left: StakeHistory, right: StakeHistory) -> Bool { left.encoded == right.encoded }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        now = try reader.value()
        earlier = try reader.list(limit: Self.periodsMax) { reader throws(DecodeError) in
            (period: try reader.u64(), amount: try reader.value())
        }
        for (entry, next) in zip(earlier, earlier.dropFirst()) where entry.period >= next.period {
            throw .notCanonical("order of periods")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        now.encode(into: &writer)
        writer.count(earlier.count)
        for entry in earlier {
            writer.u64(entry.period)
            entry.amount.encode(into: &writer)
        }
    }
}

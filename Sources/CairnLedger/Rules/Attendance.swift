import CairnBase
public import CairnWire

/// How many of its views each member of a committee led to a block and how many it let pass, by index.
public struct Attendance: Record {
    public struct Count: Sendable, Equatable {
        public var met: UInt32 = 0
        public var missed: UInt32 = 0

        var drawn: UInt64 { UInt64(met) + UInt64(missed) }
    }

    public var counts: [Count]

    init(members: Int) {
        counts = [Count](repeating: Count(), count: members)
    }
}

extension Attendance: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        counts = []
        for _ in 0..<(try reader.count(limit: Committee.membersMax)) {
            counts.append(Count(met: try reader.u32(), missed: try reader.u32()))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(counts.count)
        for count in counts {
            writer.u32(count.met)
            writer.u32(count.missed)
        }
    }
}

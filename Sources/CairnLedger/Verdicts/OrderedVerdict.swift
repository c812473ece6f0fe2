public import CairnBase
public import CairnWire

/// A verdict that stands in a block and waits for its epoch to be settled.
public struct OrderedVerdict: Record {
    public let verdict: Verdict
    /// The block it stands in.
    public let block: Height

    init(_ verdict: Verdict, in block: Height) {
        self.verdict = verdict
        self.block = block
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        verdict = try reader.value()
        block = try reader.ordinal()
    }

    public func encode(into writer: inout ByteWriter) {
        verdict.encode(into: &writer)
        writer.ordinal(block)
    }
}

/// Which challenges of one height have a verdict, in order.
public struct JudgedPlaces: Record {
    public private(set) var places: [Place]

    public struct Place: Sendable, Comparable {
        public let target: UInt32
        public let partition: UInt32

        public static func < (left: Place, right: Place) -> Bool {
            (left.target, left.partition) < (right.target, right.partition)
        }
    }

    /// A quarter of a MiB: a state's largest entry has to fit into one chunk of a snapshot, behind others.
    static let placesMax = 1 << 15

    init() { places = [] }

    var isFull: Bool { places.count >= Self.placesMax }

    mutating func insert(_ verdict: Verdict) {
        let place = Place(target: verdict.target, partition: verdict.partition)
        let index = places.firstIndex { $0 >= place } ?? places.endIndex
        if index == places.endIndex || places[index] != place { places.insert(place, at: index) }
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        places = try reader.ascending(limit: Self.placesMax) { reader throws(DecodeError) in
            Place(target: try reader.u32(), partition: try reader.u32())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(places.count)
        for place in places {
            writer.u32(place.target)
            writer.u32(place.partition)
        }
    }
}

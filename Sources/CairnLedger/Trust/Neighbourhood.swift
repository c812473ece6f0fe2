import CairnBase
public import CairnWire

/// Those that take seats in one resource's verdicts, each with whether it heard the last twenty beacons.
///
/// At most 64: when a further one takes a seat, the one that was heard from longest ago makes room.
public struct Neighbourhood: Record {
    public struct Member: Sendable, Equatable {
        /// The resource's number on the chain.
        public let number: UInt32
        /// Newest first, from bit 0.
        public internal(set) var heard: UInt32
        /// The epoch of its last seat.
        public internal(set) var lastSeat: UInt64
    }

    /// By number.
    public private(set) var members: [Member]

    init() { members = [] }

    public func contains(_ number: UInt32) -> Bool { members.contains { $0.number == number } }

    /// One more chance for everyone; `heard` says who took it.
    mutating func shift(_ heard: (UInt32) -> Bool?) {
        for index in members.indices {
            guard let bit = heard(members[index].number) else { continue }
            let history = members[index].heard << 1 | (bit ? 1 : 0)
            members[index].heard = history & (1 << UInt32(FrozenResource.heardBits) - 1)
        }
    }

    /// Notes a seat. Returns who had to go.
    mutating func seat(_ number: UInt32, in epoch: UInt64) -> UInt32? {
        if let index = members.firstIndex(where: { $0.number == number }) {
            members[index].lastSeat = epoch
            return nil
        }
        var gone: UInt32?
        if members.count >= FrozenResource.neighboursMax,
            let oldest = members.min(by: { ($0.lastSeat, $0.number) < ($1.lastSeat, $1.number) })
        {
            members.removeAll { $0.number == oldest.number }
            gone = oldest.number
        }
        let place = members.firstIndex { $0.number > number } ?? members.endIndex
        members.insert(Member(number: number, heard: 1, lastSeat: epoch), at: place)
        return gone
    }
}

extension Neighbourhood: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        members = try reader.list(limit: FrozenResource.neighboursMax) { reader throws(DecodeError) in
            Member(number: try reader.u32(), heard: try reader.u32(), lastSeat: try reader.u64())
        }
        for (member, next) in zip(members, members.dropFirst()) where member.number >= next.number {
            throw .notCanonical("order of neighbours")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(members.count)
        for member in members {
            writer.u32(member.number)
            writer.u32(member.heard)
            writer.u64(member.lastSeat)
        }
    }
}

/// What one resource measured of another: the last 32 seats it took in the other's verdicts.
public struct PairHistory: Record {
    public struct Row: Sendable, Equatable {
        public let period: UInt64
        /// What was received, noise included, in tenths of a decibel above a milliwatt.
        public let signal: Int16
        /// Of the signal to noise, in whole decibels.
        public let noiseDistance: Int8
        public let powerStep: UInt8

        /// Without the noise. Of a weak link's beacons the noise is nearly all that is received: it varies little and follows
        /// nobody's power.
        var alone: Int { Int(signal) + 10 * min(0, Int(noiseDistance)) }

        public init(period: UInt64, signal: Int16, noiseDistance: Int8, powerStep: UInt8) {
            self.period = period
            self.signal = signal
            self.noiseDistance = noiseDistance
            self.powerStep = powerStep
        }
    }

    /// Oldest first.
    public private(set) var rows: [Row]

    public static let rowsMax = 32

    public init(_ rows: [Row] = []) { self.rows = Array(rows.suffix(Self.rowsMax)) }

    mutating func append(_ row: Row) {
        if rows.count >= Self.rowsMax { rows.removeFirst() }
        rows.append(row)
    }

    /// How many seats since a period, as far as the ring remembers.
    func count(since period: UInt64) -> UInt64 { UInt64(rows.count { $0.period >= period }) }

    /// What no radio does: 16 reports within a decibel, or a signal that does not follow the beacon's secret power.
    public var reasons: Reasons {
        var reasons = Reasons()
        if isTooPerfect { reasons.insert(.tooPerfect) }
        if missesPowerSteps { reasons.insert(.powerStep) }
        return reasons
    }

    private var isTooPerfect: Bool {
        rows.count >= Self.calmRows && Self.isCalm(rows.suffix(Self.calmRows))
    }

    /// Whether what one witness measured of all others lies that close together: over its latest periods, as many as
    /// hold sixteen rows. Beacons come from everywhere and at four powers.
    public static func isTooPerfect(all rows: [Row]) -> Bool {
        let periods = rows.map(\.period).sorted(by: >)
        guard periods.count >= calmRows else { return false }
        let first = periods[calmRows - 1]
        return isCalm(rows.filter { $0.period >= first })
    }

    private static let calmRows = 16

    private static func isCalm(_ rows: some Collection<Row>) -> Bool {
        guard let least = rows.map(\.alone).min(), let most = rows.map(\.alone).max() else { return false }
        return most - least <= 10
    }

    /// The slope of the signal on the power step, 3 dB each: between half and one and a half of that.
    private var missesPowerSteps: Bool {
        guard rows.count == Self.rowsMax else { return false }
        let (x, y) = (rows.map { Int($0.powerStep) }, rows.map(\.alone))
        let count = Self.rowsMax
        let (sumX, sumY) = (x.reduce(0, +), y.reduce(0, +))
        let covariance = count * zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } - sumX * sumY
        let variance = count * x.reduce(0) { $0 + $1 * $1 } - sumX * sumX
        guard variance > 0 else { return false }
        return !(15 * variance...45 * variance).contains(-covariance)
    }
}

extension PairHistory: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        rows = try reader.list(limit: Self.rowsMax) { reader throws(DecodeError) in
            Row(
                period: try reader.u64(), signal: try reader.i16(), noiseDistance: Int8(bitPattern: try reader.u8()),
                powerStep: try reader.u8())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(rows.count)
        for row in rows {
            writer.u64(row.period)
            writer.i16(row.signal)
            writer.u8(UInt8(bitPattern: row.noiseDistance))
            writer.u8(row.powerStep)
        }
    }
}

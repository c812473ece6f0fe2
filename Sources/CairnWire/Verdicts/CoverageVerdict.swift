public import CairnBase

/// What came of one coverage challenge: a beacon, by radio or by round trip, and the witnesses that took seats.
///
/// Indexes are places in the id-sorted set of resources that is frozen for the epoch of the challenge.
public struct CoverageVerdict: Sendable, Hashable {
    /// One witness that was drawn, and what it measured.
    public struct Seat: Sendable, Hashable {
        public let witness: UInt32
        /// Reasons 0–31.
        public let reasons: Reasons
        /// What the witness earns by it, in parts per million of a unit.
        public let units: UInt32
        /// In tenths of a decibel above a milliwatt.
        public let signal: Int16
        /// Signal to noise in whole decibels, rounded down.
        public let noiseDistance: Int8
        /// The beacon's secret power step, which the witness could not know when it reported.
        public let powerStep: UInt8

        public init(
            witness: UInt32, reasons: Reasons, units: UInt32, signal: Int16, noiseDistance: Int8, powerStep: UInt8
        ) {
            self.witness = witness
            self.reasons = reasons
            self.units = units
            self.signal = signal
            self.noiseDistance = noiseDistance
            self.powerStep = powerStep
        }
    }

    /// n, the height of the challenge.
    public let height: Height
    public let target: UInt32
    /// Radio or round trip.
    public let kind: ChallengeKind
    /// What the beaconer earns by it, in parts per million of a unit.
    public let units: UInt32
    public let reasons: Reasons
    /// Merkle root over the valid reveals; zero when there is none.
    public let receipts: Digest
    /// Bit i: the i-th of the beaconer's frozen neighbours gave a valid reveal.
    public let neighbours: UInt64
    /// By index, each once.
    public let seats: [Seat]

    public static let seatsMax = 64
    /// Four power steps, 3 dB apart.
    public static let powerStepMax: UInt8 = 3

    public init?(
        height: Height, target: UInt32, kind: ChallengeKind, units: UInt32, reasons: Reasons, receipts: Digest,
        neighbours: UInt64, seats: [Seat]
    ) {
        guard kind == .radio || kind == .roundTrip, seats.count <= Self.seatsMax else { return nil }
        for (seat, next) in zip(seats, seats.dropFirst()) where seat.witness >= next.witness { return nil }
        self.height = height
        self.target = target
        self.kind = kind
        self.units = units
        self.reasons = reasons
        self.receipts = receipts
        self.neighbours = neighbours
        self.seats = seats
    }
}

extension CoverageVerdict: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let height: Height = try reader.ordinal()
        let target = try reader.u32()
        let code = try reader.u8()
        guard let kind = ChallengeKind(rawValue: code) else { throw .unknown("challenge kind", UInt64(code)) }
        let count = try reader.u8()
        guard count <= Self.seatsMax else { throw .tooLarge(size: UInt64(count), limit: UInt64(Self.seatsMax)) }
        let units = try reader.u32()
        let reasons = try reader.reasons()
        let receipts: Digest = try reader.identifier()
        let neighbours = try reader.u64()
        var seats: [Seat] = []
        for _ in 0..<count { seats.append(try reader.value()) }
        guard
            let verdict = CoverageVerdict(
                height: height, target: target, kind: kind, units: units, reasons: reasons, receipts: receipts,
                neighbours: neighbours, seats: seats)
        else { throw .notCanonical("coverage verdict") }
        self = verdict
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(height)
        writer.u32(target)
        writer.u8(kind.rawValue)
        writer.u8(UInt8(clamping: seats.count))
        writer.u32(units)
        writer.u64(reasons.rawValue)
        writer.identifier(receipts)
        writer.u64(neighbours)
        for seat in seats { seat.encode(into: &writer) }
    }
}

extension CoverageVerdict.Seat: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        witness = try reader.u32()
        reasons = Reasons(rawValue: UInt64(try reader.u32()))
        units = try reader.u32()
        signal = try reader.i16()
        noiseDistance = Int8(bitPattern: try reader.u8())
        powerStep = try reader.u8()
        guard powerStep <= CoverageVerdict.powerStepMax else { throw .invalid("power step") }
        guard reasons.rawValue & ~Reasons.known == 0 else { throw .invalid("reason bits") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(witness)
        writer.u32(UInt32(truncatingIfNeeded: reasons.rawValue))
        writer.u32(units)
        writer.i16(signal)
        writer.u8(UInt8(bitPattern: noiseDistance))
        writer.u8(powerStep)
    }
}

extension ByteReader {
    mutating func reasons() throws(DecodeError) -> Reasons {
        let bits = try u64()
        guard bits & ~Reasons.known == 0 else { throw .invalid("reason bits") }
        return Reasons(rawValue: bits)
    }
}

public import CairnBase
public import CairnWire

/// What one witness says it heard of one beacon: 112 bytes, the same for every radio.
public struct RadioReceipt: Sendable, Hashable, Canonical {
    public let challenge: Digest
    /// The device key of the witness, so that nobody can pass on another's receipt as his own.
    public let witness: PublicKey
    public let payload: PayloadHash
    /// In hertz.
    public let frequency: UInt32
    public let spreading: UInt8
    /// 0, 1, 2 for 125, 250, 500 kHz.
    public let bandwidth: UInt8
    /// Total power, signal and noise, in tenths of a decibel above a milliwatt.
    public let strength: Int16
    /// Of the signal alone, where the radio tells it.
    public let signalStrength: Int16?
    /// In tenths of a decibel.
    public let signalToNoise: Int16
    /// The radio's own clock at the end of reception, in microseconds.
    public let counter: UInt32
    /// Nanoseconds within the second, where the radio has such a clock.
    public let fineTime: UInt32?
    /// The radio's hardware number, in the order of its bytes on the wire.
    public let eui: UInt64

    public static let count = 112
    private static let noSignalStrength: Int16 = 0x7fff
    private static let noFineTime: UInt32 = .max

    public init(
        challenge: Digest, witness: PublicKey, payload: PayloadHash, reception: Reception, eui: UInt64
    ) {
        self.challenge = challenge
        self.witness = witness
        self.payload = payload
        frequency = reception.frequency
        spreading = reception.spreading
        bandwidth = reception.bandwidth
        strength = reception.strength
        signalStrength = reception.signalStrength.flatMap { $0 == Self.noSignalStrength ? nil : $0 }
        signalToNoise = reception.signalToNoise
        counter = reception.counter
        fineTime = reception.fineTime.flatMap { $0 == Self.noFineTime ? nil : $0 }
        self.eui = eui
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        witness = try reader.identifier()
        payload = try reader.value()
        frequency = try reader.u32()
        spreading = try reader.u8()
        bandwidth = try reader.u8()
        strength = try reader.i16()
        let signal = try reader.i16()
        signalStrength = signal == Self.noSignalStrength ? nil : signal
        signalToNoise = try reader.i16()
        counter = try reader.u32()
        let fine = try reader.u32()
        fineTime = fine == Self.noFineTime ? nil : fine
        // The bytes stand as on the wire, the most significant first.
        eui = try reader.u64().byteSwapped
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(challenge)
        writer.identifier(witness)
        payload.encode(into: &writer)
        writer.u32(frequency)
        writer.u8(spreading)
        writer.u8(bandwidth)
        writer.i16(strength)
        writer.i16(signalStrength ?? Self.noSignalStrength)
        writer.i16(signalToNoise)
        writer.u32(counter)
        writer.u32(fineTime ?? Self.noFineTime)
        writer.u64(eui.byteSwapped)
    }
}

/// One frame as a radio received it.
public struct Reception: Sendable, Hashable {
    public var payload: [UInt8]
    /// In hertz.
    public var frequency: UInt32
    public var spreading: UInt8
    public var bandwidth: UInt8
    /// In tenths of a decibel above a milliwatt: total power, and that of the signal where the radio tells it.
    public var strength: Int16
    public var signalStrength: Int16?
    public var signalToNoise: Int16
    public var counter: UInt32
    public var fineTime: UInt32?

    public init(
        payload: [UInt8], frequency: UInt32, spreading: UInt8, bandwidth: UInt8, strength: Int16,
        signalStrength: Int16?, signalToNoise: Int16, counter: UInt32, fineTime: UInt32?
    ) {
        self.payload = payload
        self.frequency = frequency
        self.spreading = spreading
        self.bandwidth = bandwidth
        self.strength = strength
        self.signalStrength = signalStrength
        self.signalToNoise = signalToNoise
        self.counter = counter
        self.fineTime = fineTime
    }
}

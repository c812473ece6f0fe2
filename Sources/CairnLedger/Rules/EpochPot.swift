public import CairnBase
public import CairnWire

/// What an epoch has to pay out, kept until it is settled.
public struct EpochPot: Record {
    public var validators: Amount

}

extension EpochPot: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        validators = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        validators.encode(into: &writer)
    }
}

/// That a vote key was punished for an epoch, and how much it cost: nobody pays twice for one epoch.
public struct Punishment: Record {
    public let slashed: Amount
    public let reporter: AccountID
}

extension Punishment: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        slashed = try reader.value()
        reporter = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        slashed.encode(into: &writer)
        writer.identifier(reporter)
    }
}

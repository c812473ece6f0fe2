public import CairnBase
public import CairnWire

/// What a transaction asks for.
public enum Action: Sendable, Equatable {
    case transfer(to: AccountID, amount: Amount)
}

extension Action {
    /// The number on the wire and the name in documents.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case transfer = 1
    }

    public var kind: Kind {
        switch self {
        case .transfer: .transfer
        }
    }
}

extension Action: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let number = try reader.u8()
        guard let kind = Kind(rawValue: number) else { throw .unknown("action", UInt64(number)) }
        switch kind {
        case .transfer: self = .transfer(to: try reader.identifier(), amount: try Amount(from: &reader))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(kind.rawValue)
        switch self {
        case .transfer(let to, let amount):
            writer.identifier(to)
            amount.encode(into: &writer)
        }
    }
}

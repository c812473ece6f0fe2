public import CairnBase

/// Eight bytes. Any number decodes: whether an amount can exist is for the ledger to say.
extension Amount: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        self.init(units: try reader.u64())
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(units)
    }
}

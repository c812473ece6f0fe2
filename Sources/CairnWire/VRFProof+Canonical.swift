public import CairnBase

extension VRFProof: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        self.init(
            gamma: try reader.bytes32(), challengeLow: try reader.u64(), challengeHigh: try reader.u64(),
            response: try reader.bytes32())
    }

    public func encode(into writer: inout ByteWriter) {
        writer.bytes32(gamma)
        writer.u64(challengeLow)
        writer.u64(challengeHigh)
        writer.bytes32(response)
    }
}

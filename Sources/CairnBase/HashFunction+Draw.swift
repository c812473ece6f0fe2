extension HashFunction {
    /// A number that nobody chose: the first eight bytes of H(tag; randomness, number, subject), little-endian.
    ///
    /// `number` is the height the draw belongs to and `subject` the fixed-width ids it is for. A draw that named neither
    /// would repeat one order for everything drawn from the same randomness.
    public func draw(_ tag: DomainTag, _ randomness: Digest, at number: UInt64, for subject: [UInt8]) -> UInt64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Bytes32.count + 8 + subject.count)
        randomness.raw.append(to: &bytes)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        bytes.append(contentsOf: subject)
        return digest(tag, bytes).raw.low64
    }
}

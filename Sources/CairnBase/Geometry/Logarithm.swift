extension UInt32 {
    /// ⌊1000 log10 self⌋, exactly, for path loss in hundredths of a decibel; nil for zero.
    ///
    /// The binary logarithm is taken bit by bit: squaring the mantissa doubles its logarithm, and an overflow into the
    /// next power of two is the next bit. 48 fraction bits decide all 9,633 steps of the result correctly; 32 do not.
    public var thousandLog10: UInt32? {
        guard self > 0 else { return nil }
        let exponent = UInt64(bitWidth - 1 - leadingZeroBitCount)
        var mantissa = UInt64(self) << (63 - exponent)
        var fraction: UInt64 = 0
        for _ in 0..<48 {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            let isAtLeastTwo = square.high >> 63 == 1
            fraction = fraction << 1 | (isAtLeastTwo ? 1 : 0)
            mantissa = isAtLeastTwo ? square.high : square.high << 1 | square.low >> 63
        }
        // 2^40 × 1000 log10 2, rounded up; together with the 48 fraction bits the result stands above bit 88.
        let perOctave: UInt64 = 330_985_980_541_907
        let product = (exponent << 48 + fraction + 1).multipliedFullWidth(by: perOctave)
        return UInt32(product.high >> 24)
    }
}

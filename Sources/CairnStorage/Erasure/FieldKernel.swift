/// Multiplies a matrix with strips of bytes: the inner loop of the erasure code, and nearly all of its cost.
///
/// `TableKernel` is the portable one and the oracle of the tests; `CairnErasure` has one that uses the processor's
/// vectors. Both give the same bytes.
public protocol FieldKernel: Sendable {
    /// Output strip r becomes the sum over c of matrix[r, c] × input strip c.
    ///
    /// Strip i of an area starts at i × its stride and the first `width` bytes of each strip take part. The caller has
    /// checked that both areas hold their strips (`Strips.fit`).
    func combine(
        _ matrix: FieldMatrix, _ inputs: RawSpan, stride: Int, into outputs: inout MutableRawSpan, outputStride: Int,
        width: Int)
}

/// The portable kernel: one table of 256 products for each coefficient.
public struct TableKernel: FieldKernel {
    public init() {}

    public func combine(
        _ matrix: FieldMatrix, _ inputs: RawSpan, stride: Int, into outputs: inout MutableRawSpan, outputStride: Int,
        width: Int
    ) {
        for row in 0..<matrix.rows {
            var strip = [UInt8](repeating: 0, count: width)
            for column in 0..<matrix.columns {
                let products = GaloisField.products(of: matrix[row, column])
                let input = inputs.extracting((column * stride)..<(column * stride + width))
                for index in 0..<width {
                    // SAFETY: a byte has no alignment and any bit pattern is one; the bounds are checked by the load.
                    strip[index] ^= products[Int(unsafe input.unsafeLoad(fromByteOffset: index, as: UInt8.self))]
                }
            }
            for index in 0..<width {
                outputs.storeBytes(of: strip[index], toByteOffset: row * outputStride + index, as: UInt8.self)
            }
        }
    }
}

/// Whether `count` strips of `width` bytes, `stride` apart, lie within `size` bytes.
enum Strips {
    static func fit(count: Int, stride: Int, width: Int, in size: Int) -> Bool {
        guard count > 0, width >= 0, stride >= width else { return false }
        let (last, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
        guard !overflow else { return false }
        let (end, tooFar) = last.addingReportingOverflow(width)
        return !tooFar && end <= size
    }
}

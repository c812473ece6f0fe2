internal import CErasure
public import CairnStorage

/// The same loop in Intel's ISA-L, for machines that have it; nil elsewhere.
public struct LibraryKernel: FieldKernel {
    public init?() {
        guard erasure_isal_present() else { return nil }
    }

    public func combine(
        _ matrix: FieldMatrix, _ inputs: RawSpan, stride: Int, into outputs: inout MutableRawSpan, outputStride: Int,
        width: Int
    ) {
        // SAFETY: both areas hold their strips, which every caller has checked, and C keeps neither.
        let done = unsafe inputs.withUnsafeBytes { input in
            unsafe outputs.withUnsafeMutableBytes { output in
                unsafe erasure_isal_combine(
                    matrix.elements, Int32(matrix.rows), Int32(matrix.columns), input.baseAddress, stride,
                    output.baseAddress, outputStride, width)
            }
        }
        // Too wide for its counter, or no memory for its tables: our own loop has no such bounds.
        if !done {
            VectorKernel().combine(
                matrix, inputs, stride: stride, into: &outputs, outputStride: outputStride, width: width)
        }
    }
}

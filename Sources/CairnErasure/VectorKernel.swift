internal import CErasure
public import CairnStorage

/// The erasure code's inner loop in the processor's vectors, as wide as this machine has them.
public struct VectorKernel: FieldKernel {
    /// What the loop may use. A level that the processor does not have is lowered to its best one.
    public enum Level: Int32, Sendable, CaseIterable {
        case scalar = 0
        case avx2 = 1
        case gfni = 2

        public static let best = Level(rawValue: erasure_best_level()) ?? .scalar
    }

    public let level: Level

    public init(_ level: Level = .best) {
        self.level = level.rawValue <= Level.best.rawValue ? level : .best
    }

    public func combine(
        _ matrix: FieldMatrix, _ inputs: RawSpan, stride: Int, into outputs: inout MutableRawSpan, outputStride: Int,
        width: Int
    ) {
        // SAFETY: both areas hold their strips, which every caller has checked, and C keeps neither.
        unsafe inputs.withUnsafeBytes { input in
            unsafe outputs.withUnsafeMutableBytes { output in
                unsafe erasure_combine(
                    level.rawValue, matrix.elements, Int32(matrix.rows), Int32(matrix.columns), input.baseAddress,
                    stride, output.baseAddress, outputStride, width)
            }
        }
    }
}

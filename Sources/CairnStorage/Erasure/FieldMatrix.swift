/// A matrix over `GaloisField`, row by row: how some strips of bytes are made from others.
public struct FieldMatrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public private(set) var elements: [UInt8]

    init(rows: Int, columns: Int, _ element: (_ row: Int, _ column: Int) -> UInt8) {
        self.rows = rows
        self.columns = columns
        elements = (0..<rows).flatMap { row in (0..<columns).map { element(row, $0) } }
    }

    public subscript(row: Int, column: Int) -> UInt8 {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    func times(_ other: FieldMatrix) -> FieldMatrix {
        FieldMatrix(rows: rows, columns: other.columns) { row, column in
            (0..<columns).reduce(0) { $0 ^ GaloisField.product(self[row, $1], other[$1, column]) }
        }
    }

    func keeping(rows kept: [Int]) -> FieldMatrix {
        FieldMatrix(rows: kept.count, columns: columns) { self[kept[$0], $1] }
    }

    /// The inverse of a square matrix, by elimination beside an identity; nil if it has none.
    var inverse: FieldMatrix? {
        guard rows == columns else { return nil }
        var left = self
        var right = FieldMatrix(rows: rows, columns: rows) { $0 == $1 ? 1 : 0 }
        for pivot in 0..<rows {
            guard let row = (pivot..<rows).first(where: { left[$0, pivot] != 0 }),
                let scale = GaloisField.inverse(left[row, pivot])
            else { return nil }
            left.swapRows(row, pivot)
            right.swapRows(row, pivot)
            left.scaleRow(pivot, by: scale)
            right.scaleRow(pivot, by: scale)
            for other in 0..<rows where other != pivot {
                let factor = left[other, pivot]
                left.addRow(pivot, times: factor, to: other)
                right.addRow(pivot, times: factor, to: other)
            }
        }
        return right
    }

    private mutating func swapRows(_ first: Int, _ second: Int) {
        for column in 0..<columns {
            (self[first, column], self[second, column]) = (self[second, column], self[first, column])
        }
    }

    private mutating func scaleRow(_ row: Int, by factor: UInt8) {
        for column in 0..<columns { self[row, column] = GaloisField.product(self[row, column], factor) }
    }

    private mutating func addRow(_ source: Int, times factor: UInt8, to row: Int) {
        guard factor != 0 else { return }
        for column in 0..<columns { self[row, column] ^= GaloisField.product(self[source, column], factor) }
    }
}

/// Reed–Solomon in systematic form: `needed` data shards and as many parity shards as make `total`; any `needed` of
/// them give the data back.
///
/// Parity row i is a row of a Cauchy matrix, 1 ÷ ((needed + i) xor j), of which every square part has an inverse. That
/// is why any selection of shards is enough.
public struct ErasureCode: Sendable {
    public let needed: Int
    public let total: Int
    let parity: FieldMatrix

    /// Nil unless 1 ≤ needed < total ≤ 255.
    public init?(needed: Int, total: Int) {
        guard needed >= 1, needed < total, total <= 255 else { return nil }
        self.needed = needed
        self.total = total
        parity = FieldMatrix(rows: total - needed, columns: needed) { row, column in
            // The two indices never meet, for row + needed ≥ needed > column: their sum is not zero.
            GaloisField.inverse(UInt8(truncatingIfNeeded: (needed + row) ^ column)) ?? 0
        }
    }

    /// `width` bytes of every parity shard, one shard after another, from as many of every data shard.
    ///
    /// Data strips lie `stride` apart in `data`; nil if they do not fit into it.
    public func encode(
        _ data: RawSpan, stride: Int, width: Int, using kernel: some FieldKernel
    ) -> [UInt8]? {
        combine(parity, data, stride: stride, width: width, using: kernel)
    }

    /// How to make all data shards from the given shards; nil unless they are `needed` distinct ones.
    public func recovery(from shards: [Int]) -> FieldMatrix? {
        guard shards.count == needed, Set(shards).count == needed,  // ORDER: only counted
            shards.allSatisfy({ (0..<total).contains($0) })
        else { return nil }
        return FieldMatrix(rows: needed, columns: needed) { row, column in
            let shard = shards[row]
            if shard < needed { return shard == column ? 1 : 0 }
            return parity[shard - needed, column]
        }.inverse
    }

    /// How to make the `lost` shards, of either kind, from the given ones.
    public func repair(of lost: [Int], from shards: [Int]) -> FieldMatrix? {
        guard let recovery = recovery(from: shards), lost.allSatisfy({ (0..<total).contains($0) }) else { return nil }
        let rows = FieldMatrix(rows: lost.count, columns: needed) { row, column in
            if lost[row] < needed { return lost[row] == column ? 1 : 0 }
            return parity[lost[row] - needed, column]
        }
        return rows.times(recovery)
    }

    /// The strips that `matrix` makes from `strips`, one after another; nil if these do not hold what it takes.
    public func combine(
        _ matrix: FieldMatrix, _ strips: RawSpan, stride: Int, width: Int, using kernel: some FieldKernel
    ) -> [UInt8]? {
        guard Strips.fit(count: matrix.columns, stride: stride, width: width, in: strips.byteCount) else { return nil }
        var output = [UInt8](repeating: 0, count: matrix.rows * width)
        var bytes = output.mutableSpan
        var area = bytes.mutableBytes
        kernel.combine(matrix, strips, stride: stride, into: &area, outputStride: width, width: width)
        return output
    }
}

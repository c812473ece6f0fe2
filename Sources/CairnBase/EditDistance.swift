/// The word of `candidates` that a person most likely meant by `word`, or nil when none is near.
///
/// Near means: at most one edit for every two characters of the longer word. Ties go to the earlier candidate.
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    // Nobody types a command of this length by hand, and the table below grows with it.
    guard word.utf8.count <= 64 else { return nil }
    let letters = Array(word.unicodeScalars)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let others = Array(candidate.unicodeScalars)
        let longer = max(letters.count, others.count)
        // Every letter that one word has more takes an edit, so most candidates need no table.
        let least = longer - min(letters.count, others.count)
        guard least * 2 <= longer, least < best?.distance ?? .max else { continue }
        let distance = editDistance(letters, others)
        guard distance * 2 <= longer else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}

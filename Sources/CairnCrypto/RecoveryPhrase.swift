internal import CairnBase

/// Why words do not spell a seed.
public enum RecoveryPhraseError: Error, Equatable, Sendable {
    /// A phrase has 24 words.
    case wordCount(Int)
    /// The word at a position, counted from 1, is not in the list.
    case unknownWord(position: Int, nearest: String?)
    /// All words are in the list, but one is wrong or two changed places.
    case checksum
}

/// A seed as 24 English words, by BIP-39: 256 bits of seed, the first 8 bits of their SHA-256, 11 bits per word.
///
/// The words spell the seed itself; the key stretching that BIP-39 adds for wallets is not used. Text goes in and out as
/// bytes that are wiped, never as a `String` that lives on.
public enum RecoveryPhrase {
    public static let wordCount = 24

    /// The words in lower case with one space between them.
    public static func text(of seed: borrowing Seed) -> SecretBytes {
        withScratch(wordCount * 9) { text in
            var count = 0
            seed.bytes.withBytes { seed in
                let checksum = SHA256.digest(seed).inline[0]
                for position in 0..<wordCount {
                    let word = WordList.english[index(at: position, seed, checksum)]
                    for letter in word.utf8 {
                        text[count] = letter
                        count += 1
                    }
                    text[count] = UInt8(ascii: " ")
                    count += 1
                }
            }
            return SecretBytes(count: count - 1, filledBy: { $0.update(from: text, count: count - 1) })
        }
    }

    /// The seed that words spell. Case and the kind and number of blanks between words do not matter.
    public static func seed(spelledBy text: RawSpan) throws(RecoveryPhraseError) -> Seed {
        let words = ranges(ofWordsIn: text)
        guard words.count == wordCount else { throw .wordCount(words.count) }
        var unknown: RecoveryPhraseError?
        var isChecked = false
        let bytes = SecretBytes(
            count: Seed.count,
            filledBy: { seed in
                var checksum: UInt8 = 0
                var bit = 0
                for (position, range) in words.enumerated() {
                    let word = lowercased(text.extracting(range))
                    guard let index = index(of: word) else {
                        unknown = .unknownWord(
                            position: position + 1, nearest: nearest(to: word, in: WordList.english))
                        return
                    }
                    for shift in (0..<11).reversed() {
                        let value = UInt8(truncatingIfNeeded: index >> shift & 1) << UInt8(7 - bit & 7)
                        if bit < 8 * Seed.count { seed[bit / 8] |= value } else { checksum |= value }
                        bit += 1
                    }
                }
                let copy = UnsafeRawBufferPointer(start: seed, count: Seed.count)
                // SAFETY: the buffer is the secret being filled, and the span ends with this statement.
                isChecked = unsafe SHA256.digest(copy.bytes).inline[0] == checksum
            })
        if let unknown { throw unknown }
        guard isChecked, let seed = Seed(bytes) else { throw .checksum }
        return seed
    }

    /// The 11 bits of a word, from the seed and the checksum byte that follows it.
    private static func index(at position: Int, _ seed: RawSpan, _ checksum: UInt8) -> Int {
        var index = 0
        for bit in 11 * position..<11 * (position + 1) {
            let byte = bit < 8 * Seed.count ? seed.byte(at: bit / 8) : checksum
            index = index << 1 | Int(byte >> UInt8(7 - bit & 7) & 1)
        }
        return index
    }

    private static func index(of word: String) -> Int? {
        let words = WordList.english
        var (low, high) = (0, words.count)
        while low < high {
            let middle = (low + high) / 2
            if words[middle] < word { low = middle + 1 } else { high = middle }
        }
        return low < words.count && words[low] == word ? low : nil
    }

    /// Where the words are; at most one more than a phrase has, so that a long text costs nothing.
    private static func ranges(ofWordsIn text: RawSpan) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start: Int?
        for offset in 0...text.byteCount {
            let isBlank = offset == text.byteCount || isBlank(text.byte(at: offset))
            if let first = start, isBlank {
                ranges.append(first..<offset)
                start = nil
                if ranges.count > wordCount { break }
            } else if start == nil, !isBlank {
                start = offset
            }
        }
        return ranges
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    /// A word for looking up. Up to fifteen letters it is held in place, not on the heap.
    private static func lowercased(_ bytes: RawSpan) -> String {
        var letters = InlineArray<15, UInt8>(repeating: 0)
        // Longer than any word of the list by far, so its end does not matter.
        let count = min(bytes.byteCount, letters.count)
        for index in 0..<count {
            let byte = bytes.byte(at: index)
            letters[index] = (65...90).contains(byte) ? byte + 32 : byte
        }
        return String(decoding: (0..<count).map { letters[$0] }, as: UTF8.self)
    }
}

extension RawSpan {
    /// The byte at an offset that the caller has checked.
    func byte(at offset: Int) -> UInt8 {
        // SAFETY: any byte is a UInt8, and the load checks its bounds again.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}

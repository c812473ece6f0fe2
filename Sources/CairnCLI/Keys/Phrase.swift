import CairnCrypto
import CairnWire

/// The 24 words of a key on their way to or from a person.
struct Phrase: Sendable {
    private let words: [Substring]

    init(_ seed: borrowing Seed) {
        // SAFETY: the bytes are copied before the span they are lent in ends.
        let text = RecoveryPhrase.text(of: seed).withBytes { bytes in
            unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
        words = text.split(separator: " ")
    }

    var member: JSON.Member { .init("recovery_phrase", .string(words.joined(separator: " "))) }

    /// Numbered, six to a line, so that a person who copies them keeps their place.
    var text: String {
        var text = "\nThe 24 words of this key. Write them down; they are not shown again.\n\n"
        for row in 0..<4 {
            let cells = (0..<6).map { column in
                let index = row * 6 + column
                let number = padded(index < 9 ? " \(index + 1)" : "\(index + 1)", to: 2)
                return "\(number) \(padded(words.indices.contains(index) ? String(words[index]) : "", to: 8))"
            }
            text += "  " + trimmed(cells.joined(separator: "  ")) + "\n"
        }
        return text
    }

    /// Reads words from a file or from the person and turns them into the seed they spell.
    static func seed(_ session: Session, file flag: Flag<String>) throws(Failure) -> Seed {
        var bytes: [UInt8]
        if let file = session.invocation[flag] {
            bytes = Array(try TextFile.read(joinPath(session.surroundings.workingDirectory, file), limit: 4096).utf8)
        } else {
            let keyboard = session.surroundings.keyboard
            guard !session.invocation.has(GlobalFlags.noInput), keyboard.isPresent,
                let typed = keyboard.askHidden("The 24 words (they are not shown): ")
            else {
                throw Failure(
                    .passphraseNeeded, "the 24 words are needed and there is nobody to ask",
                    do: Hint("--\(flag.declaration.name) FILE", "reads them from a file"))
            }
            bytes = typed
        }
        defer { wipe(&bytes) }
        do throws(RecoveryPhraseError) {
            return try RecoveryPhrase.seed(spelledBy: bytes.span.bytes)
        } catch {
            throw Failure(error)
        }
    }
}

extension Failure {
    fileprivate init(_ error: RecoveryPhraseError) {
        switch error {
        case .wordCount(let count):
            self.init(.badPhrase, "there are \(count) words, and a phrase has \(RecoveryPhrase.wordCount)")
        case .unknownWord(let position, let near):
            self.init(
                .badPhrase, "word \(position) is not in the list",
                hints: near.map { [Hint($0, "is the nearest one")] } ?? [])
        case .checksum:
            self.init(.badPhrase, "the words are all in the list, but one is another than it was or two changed places")
        }
    }
}

internal import CairnBase
internal import CairnCrypto

/// The secret that a program shows to be let in over TCP. Only its hash is kept.
public struct AccessToken: Sendable, Equatable {
    private let digest: Digest

    /// Shorter ones can be guessed.
    public static let minimumLength = 24

    /// Nil when the text is too short, or holds what does not pass through a header.
    public init?(_ text: String) {
        guard text.utf8.count >= Self.minimumLength, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        digest = Self.digest(of: text)
    }

    /// Whether an Authorization header shows this token.
    func admits(_ authorization: String?) -> Bool {
        let scheme = "Bearer "
        guard let authorization, authorization.lowercased().hasPrefix(scheme.lowercased()) else { return false }
        let shown = Self.digest(of: String(authorization.dropFirst(scheme.count)))
        return equalInConstantTime(shown.raw.bytes.span.bytes, digest.raw.bytes.span.bytes)
    }

    private static func digest(of text: String) -> Digest {
        Blake2b().digest(DomainTag("cn/token"), Array(text.utf8))
    }
}

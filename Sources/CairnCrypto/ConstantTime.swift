internal import CSodium

/// Whether two byte strings are equal, in a time that depends on their lengths only.
public func equalInConstantTime(_ left: RawSpan, _ right: RawSpan) -> Bool {
    guard left.byteCount == right.byteCount else { return false }
    return left.lend { a, count in
        right.lend { b, _ in sodium_memcmp(a, b, count) == 0 }
    }
}

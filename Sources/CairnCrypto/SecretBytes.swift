internal import CSodium
internal import CairnBase

/// Secret bytes with one owner: fenced by guard pages, kept out of swap and core dumps, wiped at the end.
///
/// There is nothing to print, compare or copy here by accident. When the system refuses to lock the memory (the
/// `RLIMIT_MEMLOCK` of a small machine, a process with thousands of keys) everything still works and is still wiped;
/// `isLocked` then says no, so that `doctor` can tell the operator which limit to raise.
///
/// SAFETY: `@unchecked Sendable` because the memory is written only before `init` returns and is read-only after.
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    public let count: Int
    /// Whether the bytes can never reach swap.
    public let isLocked: Bool
    /// False when even the guard pages were refused, and the bytes came from the ordinary heap.
    private let isGuarded: Bool
    private let start: UnsafeMutablePointer<UInt8>

    /// Allocates `count` bytes and lets `fill` write all of them.
    init(count: Int, filledBy fill: (_ bytes: UnsafeMutablePointer<UInt8>) -> Void) {
        self.init(unsealed: count)
        fill(start)
        seal()
    }

    /// Allocates `count` bytes and lets `fill` write all of them; nil when `fill` says that it could not.
    init?(count: Int, attempting fill: (_ bytes: UnsafeMutablePointer<UInt8>) -> Bool) {
        self.init(unsealed: count)
        guard fill(start) else { return nil }
        seal()
    }

    /// Copies the bytes in. The caller answers for the place they came from.
    public init(copying bytes: RawSpan) {
        self.init(
            count: bytes.byteCount,
            filledBy: { start in
                bytes.lend { source, size in start.update(from: source, count: size) }
            })
    }

    /// Fresh random bytes.
    public static func random(count: Int) -> SecretBytes {
        SecretBytes(count: count, filledBy: { randombytes_buf($0, count) })
    }

    private init(unsealed count: Int) {
        Sodium.start()
        self.count = count
        // The library refuses no size but one that wraps; an empty secret still gets an address of its own.
        if let memory = sodium_malloc(max(count, 1)) {
            // SAFETY: a fresh allocation of at least `count` bytes, owned by this value until `deinit`.
            start = memory.bindMemory(to: UInt8.self, capacity: count)
            isGuarded = true
        } else {
            // SAFETY: as above.
            start = .allocate(capacity: max(count, 1))
            isGuarded = false
        }
        sodium_memzero(start, count)
        isLocked = sodium_mlock(start, count) == 0
    }

    private func seal() {
        if isGuarded { sodium_mprotect_readonly(start) }
    }

    /// Lends the bytes for the length of `body`.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the span cannot leave `body`, and `self` is borrowed until it returns.
        let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return try body(buffer.bytes)
    }

    /// Lends the address to a C function that reads `count` bytes during the call.
    borrowing func lend<Result: ~Copyable>(_ body: (_ bytes: UnsafePointer<UInt8>) -> Result) -> Result {
        // SAFETY: the address is valid while `self` is borrowed, which is until `body` returns.
        body(UnsafePointer(start))
    }

    deinit {
        if isGuarded {
            // Makes the page writable again, checks the canary, wipes, unlocks and unmaps.
            sodium_free(start)
        } else {
            sodium_memzero(start, count)
            sodium_munlock(start, count)
            start.deallocate()
        }
    }
}

/// Lends `count` bytes of stack and wipes them afterwards: for what is secret during one call.
func withScratch<Result: ~Copyable>(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
    // SAFETY: the memory is valid until `body` returns, initialised before it is lent, and no pointer to it is kept.
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(count, 1)) { buffer in
        unsafe buffer.initialize(repeating: 0)
        guard let start = buffer.baseAddress else { fatalError("a temporary allocation has an address") }
        defer { sodium_memzero(start, count) }
        return body(start)
    }
}

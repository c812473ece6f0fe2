internal import CSodium
internal import CairnBase

/// The one start of libsodium: it picks the fastest code for this processor and opens the random source.
///
/// Every type of this module calls `Sodium.start()` where it is created; later calls cost one atomic load.
enum Sodium {
    @inline(__always)
    static func start() {
        invariant(started, "libsodium starts")
    }

    /// 0 is a first start, 1 a repeated one; both leave the library ready.
    private static let started = sodium_init() >= 0
}

extension RawSpan {
    /// Lends the bytes to a C function that reads them during the call. Even no bytes have an address.
    @inline(__always)
    func lend<Result: ~Copyable>(_ body: (_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Result) -> Result {
        // SAFETY: the pointer is valid for `body` only, and no callee here keeps it; raw bytes may be read as UInt8.
        unsafe withUnsafeBytes { buffer in
            if let start = buffer.baseAddress {
                unsafe body(start.assumingMemoryBound(to: UInt8.self), buffer.count)
            } else {
                unsafe withUnsafePointer(to: 0) { unsafe body($0, 0) }
            }
        }
    }
}

extension InlineArray where Element == UInt8 {
    /// Lends the bytes to a C function that reads them during the call.
    @inline(__always)
    func lend<Result: ~Copyable>(_ body: (_ bytes: UnsafePointer<UInt8>) -> Result) -> Result {
        // SAFETY: the elements lie at the start of the value, `count` of them; the pointer stays inside `body`.
        unsafe withUnsafePointer(to: self) { unsafe body(UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self)) }
    }

    /// An array that a C function fills whole.
    @inline(__always)
    init(filledBy body: (_ bytes: UnsafeMutablePointer<UInt8>) -> Void) {
        self.init(repeating: 0)
        // SAFETY: as above, and the callee writes at most `count` bytes.
        unsafe withUnsafeMutablePointer(to: &self) {
            unsafe body(UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self))
        }
    }
}

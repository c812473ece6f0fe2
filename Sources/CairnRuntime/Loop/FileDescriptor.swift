internal import CairnBase
internal import Glibc

/// An open descriptor with one owner, closed exactly once when that owner lets go of it.
public struct FileDescriptor: ~Copyable, Sendable {
    /// For kernel calls only; whoever stores it outlives the descriptor.
    let raw: Int32

    init(_ raw: Int32) {
        invariant(raw >= 0, "a descriptor is not negative")
        self.raw = raw
    }

    /// Takes over what a `CLinux` call returned, or throws its errno.
    init(_ call: StaticString, _ result: Int32) throws(SystemError) {
        self.init(try checked(call, result))
    }

    deinit {
        _ = Glibc.close(raw)
    }
}

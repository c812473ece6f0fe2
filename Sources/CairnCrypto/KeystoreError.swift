/// Why a key file was not read, opened or written. Each case is a different thing for its owner to do.
public enum KeystoreError: Error, Equatable, Sendable {
    /// There is nothing at the path.
    case missing
    /// There is a directory, a symbolic link, a pipe or a device at the path.
    case notAFile
    /// The file belongs to another user.
    case foreignOwner(user: UInt32)
    /// Others than the owner may read or write the file.
    case exposed(mode: UInt32)
    case tooLarge(size: Int, limit: Int)
    /// The bytes changed since they were written, or never were a key file.
    case damaged
    /// The file is whole but from another version of this program.
    case unsupported(version: UInt16)
    /// The file is whole but asks for more or less work than is sane.
    case costOutOfRange(DerivationCost)
    /// This machine cannot give the memory that opening takes.
    case outOfMemory(needed: UInt64)
    case wrongPassphrase
    /// The key is sealed, and was opened as one of a development network.
    case sealed
    /// The key lies open because it belongs to a development network, and was opened as a sealed one.
    case development
    /// There is a file at the path already, and nobody asked to replace it.
    case exists
    /// The system refused; `code` is its errno.
    case system(FileOperation, code: Int32)

    public enum FileOperation: Equatable, Sendable {
        case open, inspect, read, create, write, flush, publish
    }
}

import CairnCrypto
import Glibc

/// Where a passphrase comes from: a file, a descriptor, a credential of the service manager, or the person.
///
/// Never the command line: every user of a machine can read that. What was read is wiped as soon as it is copied into
/// locked memory.
struct PassphraseSource: Sendable {
    let session: Session
    /// The flag that names a file.
    let flag: Flag<String>
    /// The variable that names an open descriptor.
    let variable: String

    static let file = Flag.path(
        "passphrase-file", "FILE", "Read the passphrase from the first line of a file instead of asking")
    static let newFile = Flag.path(
        "new-passphrase-file", "FILE", "Read the new passphrase from the first line of a file instead of asking")
    static let variableName = "CAIRN_PASSPHRASE_FD"
    static let newVariableName = "CAIRN_NEW_PASSPHRASE_FD"
    private static let credential = "cairn.passphrase"
    private static let sizeLimit = 64 << 10

    static func current(_ session: Session) -> PassphraseSource {
        PassphraseSource(session: session, flag: file, variable: variableName)
    }

    static func new(_ session: Session) -> PassphraseSource {
        PassphraseSource(session: session, flag: newFile, variable: newVariableName)
    }

    /// A passphrase that opens something that exists.
    func existing(_ what: String) throws(Failure) -> Passphrase {
        if var given = try given() { return try Self.passphrase(&given) }
        var typed = try ask("Passphrase of \(what): ")
        return try Self.passphrase(&typed)
    }

    /// A passphrase for something new; a person types it twice.
    func chosen(_ what: String) throws(Failure) -> Passphrase {
        if var given = try given() {
            try Self.checkStrength(&given)
            return try Self.passphrase(&given)
        }
        var typed = try ask("New passphrase for \(what): ")
        try Self.checkStrength(&typed)
        var again = try ask("The same again: ")
        let isSame = typed == again
        wipe(&again)
        guard isSame else {
            wipe(&typed)
            throw Failure(.badPassphrase, "the two passphrases differ", do: Hint("Type the same one twice."))
        }
        return try Self.passphrase(&typed)
    }

    private func given() throws(Failure) -> [UInt8]? {
        let environment = session.surroundings.environment
        if let file = session.invocation[flag] {
            return try read(joinPath(session.surroundings.workingDirectory, file))
        }
        if let text = environment[variable] {
            guard let number = Int32(text), number >= 0 else {
                throw Failure(.badValue, "$\(variable) \(quoted(text)) is not the number of a descriptor")
            }
            return try readDescriptor(number, name: "descriptor \(number) of $\(variable)")
        }
        guard flag.declaration.name == Self.file.declaration.name, let directory = environment["CREDENTIALS_DIRECTORY"]
        else {
            return nil
        }
        let file = joinPath(directory, Self.credential)
        return fileExists(file) ? try read(file) : nil
    }

    private func ask(_ question: String) throws(Failure) -> [UInt8] {
        let keyboard = session.surroundings.keyboard
        guard !session.invocation.has(GlobalFlags.noInput), keyboard.isPresent,
            let typed = keyboard.askHidden(question)
        else {
            throw Failure(
                .passphraseNeeded, "a passphrase is needed and there is nobody to ask",
                hints: [
                    Hint("--\(flag.declaration.name) FILE", "reads it from a file"),
                    Hint("\(variable)=N", "reads it from the open descriptor N"),
                ])
        }
        return typed
    }

    private func read(_ path: String) throws(Failure) -> [UInt8] {
        // SAFETY: the path is a C string for the length of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannot(.cannotRead, "read", path) }
        defer { close(descriptor) }
        return try readDescriptor(descriptor, name: path)
    }

    /// The first line.
    private func readDescriptor(_ descriptor: Int32, name: String) throws(Failure) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(Self.sizeLimit)
        while line.count < Self.sizeLimit {
            var byte: UInt8 = 0
            // SAFETY: the call writes at most one byte, into a local.
            let count = unsafe Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .cannot(.cannotRead, "read", name) }
            if count == 0 || byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        return line
    }

    /// Short ones fall to guessing, whatever each guess costs.
    private static func checkStrength(_ bytes: inout [UInt8]) throws(Failure) {
        guard bytes.count >= 8 else {
            wipe(&bytes)
            throw Failure(.badPassphrase, "the passphrase is shorter than 8 characters")
        }
    }

    private static func passphrase(_ bytes: inout [UInt8]) throws(Failure) -> Passphrase {
        defer { wipe(&bytes) }
        do throws(PassphraseError) {
            return try Passphrase(bytes.span.bytes)
        } catch {
            switch error {
            case .empty: throw Failure(.badPassphrase, "the passphrase is empty")
            case .tooLong(_, let limit): throw Failure(.badPassphrase, "the passphrase is longer than \(limit) bytes")
            }
        }
    }
}

/// Overwrites what was secret; what the array's memory held before it grew is out of reach.
func wipe(_ bytes: inout [UInt8]) {
    let count = bytes.count
    // SAFETY: exactly the bytes of the array are written, while it is held.
    unsafe bytes.withUnsafeMutableBytes { buffer in
        if let start = buffer.baseAddress { unsafe explicit_bzero(start, count) }
    }
}

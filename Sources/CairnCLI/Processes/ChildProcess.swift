import CairnRuntime
import Glibc

/// Starts a program that outlives the command that started it.
struct ChildProcess {
    let program: String
    let arguments: [String]
    let environment: [String: String]
    /// Where its standard output goes, from the start of the file.
    let output: String
    /// Where its standard error goes, behind what is there.
    let log: String

    /// The program runs in a session of its own, so that Ctrl-C here does not reach it, with signals as at boot.
    func start() throws(Failure) -> ProcessIdentity {
        // SAFETY: every pointer is to a local that lives until the call returns; what is initialised here is destroyed once.
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        let write = O_WRONLY | O_CREAT
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, write | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, write | O_APPEND, 0o600)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | Self.newSession
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid = pid_t()
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        // SAFETY: the call copies the strings and arrays, which live until it returns.
        let result = withCStrings([program] + arguments) { words in
            withCStrings(variables) { variables in
                unsafe posix_spawn(&pid, program, &actions, &attributes, words, variables)
            }
        }
        guard result == 0 else {
            throw Failure(.cannotStart, "cannot start \(program): \(systemMessage(result))")
        }
        guard let identity = ProcessIdentity(pid: pid) else {
            throw Failure(.cannotStart, "\(program) is gone before it could be watched", do: Hint(log, "may say why"))
        }
        return identity
    }

    /// POSIX_SPAWN_SETSID of glibc, which its headers show to GNU sources only.
    private static let newSession: Int32 = 0x80
}

/// Calls with a C array of C strings that ends in null, valid for the call.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    // SAFETY: each string is allocated here, read only during the call, and freed once after it.
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    let result = unsafe body(pointers)
    for index in texts.indices { unsafe free(pointers[index]) }
    return result
}

import CairnRuntime
import Glibc

/// A process that this program started, and the only one it ever ends.
final class SpawnedProcess {
    let pid: pid_t
    private var isOver = false
    private var status: Int32 = 0

    /// Its output goes behind what is in the file; nil when it cannot be started.
    init?(_ program: String, _ arguments: [String], output: String) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // SAFETY: each string is allocated here, lives through the call and is freed once after it.
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        var pid = pid_t()
        let result = unsafe posix_spawnp(&pid, program, &actions, nil, words, environ)
        for index in words.indices { unsafe free(words[index]) }
        guard result == 0 else { return nil }
        self.pid = pid
    }

    deinit { end(SIGKILL) }

    /// Ends it and waits until it is gone.
    func end(_ signal: Int32) {
        guard !isOver else { return }
        kill(pid, signal)
        join()
    }

    /// Waits until it ends by itself; zero when all was well.
    @discardableResult
    func join() -> Int32 {
        guard !isOver else { return status }
        isOver = true
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    var megabytes: Double { residentMegabytes(of: pid) }
}

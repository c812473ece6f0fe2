import Glibc

/// A testnet of real processes for one measurement: a client's home, and nodes that keep pieces.
///
/// SAFETY, throughout: strings and buffers are lent to the C library for one call.
struct HolderTestnet {
    /// How one run of the program went.
    struct Run {
        let succeeded: Bool
        let seconds: Double
        let megabytes: Double
    }

    let directory: String
    private let program: String
    private var home: String { directory + "/net/n0" }

    /// Nil when it does not start.
    init?(holders: Int) {
        program = programBeside()
        directory = "/tmp/cairn-bench-\(getpid())"
        let names = (1...holders).map { "n\($0)" }.joined(separator: ",")
        let plan = "[testnet]\\nnodes = \(holders + 1)\\nholders = \"\(names)\"\\nroom = \"2GiB\"\\n"
        let steps = [
            "mkdir -p \(directory)", "printf '\(plan)' >\(directory)/plan.toml",
            "'\(program)' testnet up --manifest \(directory)/plan.toml --dir \(directory)/net",
        ]
        guard unsafe system("{ \(steps.joined(separator: " && ")); } >/dev/null 2>&1") == 0 else {
            remove()
            return nil
        }
    }

    /// Runs `cairn storage …` on the client's home.
    func storage(_ words: [String]) -> Run {
        let start = ContinuousClock.now
        let words = [program, "storage"] + words + ["--home", home, "--quiet"]
        var arguments = words.map { unsafe strdup($0) } + [nil]
        defer { for argument in arguments { unsafe free(argument) } }
        // What it says would stand between the figures.
        var output = posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&output)
        defer { unsafe posix_spawn_file_actions_destroy(&output) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            unsafe posix_spawn_file_actions_addopen(&output, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var process: pid_t = 0
        guard unsafe posix_spawn(&process, program, &output, nil, &arguments, environ) == 0 else {
            return Run(succeeded: false, seconds: .infinity, megabytes: .infinity)
        }
        var (status, usage): (Int32, rusage) = (0, rusage())
        while unsafe wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Run(
            succeeded: status == 0, seconds: Double(seconds) + Double(attoseconds) / 1e18,
            megabytes: Double(usage.ru_maxrss) / 1024)
    }

    /// What the files of all holders' stores take on the disk.
    func diskBytes() -> Double {
        let list = directory + "/bytes"
        guard unsafe system("du -s --block-size=1 -c \(directory)/net/n*/store | tail -1 > \(list)") == 0,
            let file = unsafe fopen(list, "r")
        else { return .infinity }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard unsafe fgets(&line, 64, file) != nil else { return .infinity }
        return unsafe atof(line)
    }

    func remove() {
        unsafe system("'\(program)' testnet purge --dir \(directory)/net --yes >/dev/null 2>&1; rm -rf \(directory)")
    }
}

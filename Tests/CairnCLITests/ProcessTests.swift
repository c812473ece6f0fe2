import CFaults
import CairnBase
import CairnRuntime
import Glibc
import Testing

@testable import CairnCLI

@Suite struct ProcessTests {
    @Test func aChildRunsInItsOwnSessionAndIsFoundByNumberAndStart() throws {
        try withTemporaryDirectory { directory in
            let child = ChildProcess(
                program: "/bin/sh", arguments: ["-c", "echo out $WORD; echo log >&2; exec sleep 60"],
                environment: ["WORD": "spoken", "PATH": "/bin:/usr/bin"], output: joinPath(directory, "out"),
                log: joinPath(directory, "log"))
            let identity = try child.start()
            #expect(identity.isAlive)
            #expect(getsid(identity.pid) == identity.pid)
            #expect(ProcessIdentity(pid: identity.pid) == identity)
            // The same number with another start is somebody else: neither alive nor touched.
            let stranger = ProcessIdentity(pid: identity.pid, startTicks: identity.startTicks &+ 1)
            #expect(!stranger.isAlive)
            stranger.signal(.kill)
            #expect(identity.isAlive)
            // The second line is written after the first.
            let deadline = Clock.monotonic() + .seconds(10)
            while try TextFile.read(child.log).isEmpty, Clock.monotonic() < deadline { pause(.milliseconds(1)) }
            identity.signal(.kill)
            #expect(identity.waitForEnd(until: Clock.monotonic() + .seconds(10)))
            identity.reap()
            #expect(try TextFile.read(child.output) == "out spoken\n")
            #expect(try TextFile.read(child.log) == "log\n")
        }
    }

    /// The first thread of a process that is killed may end before those that hold its ports.
    @Test func aProcessIsAliveUntilItsLastThreadEnded() throws {
        let pid = cairn_start_without_first_thread()
        try #require(pid > 0)
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        let deadline = Clock.monotonic() + .seconds(10)
        while try !TextFile.read("/proc/\(pid)/stat").contains(") Z "), Clock.monotonic() < deadline {
            pause(.milliseconds(1))
        }
        let identity = try #require(ProcessIdentity(pid: pid))
        #expect(identity.isAlive)
        identity.signal(.kill)
        #expect(identity.waitForEnd(until: Clock.monotonic() + .seconds(10)))
    }

    @Test func aProgramThatIsNotThereIsNamed() throws {
        try withTemporaryDirectory { directory in
            let child = ChildProcess(
                program: joinPath(directory, "nothing"), arguments: [], environment: [:],
                output: joinPath(directory, "out"),
                log: joinPath(directory, "log"))
            let failure = try #require(#expect(throws: Failure.self) { try child.start() })
            #expect(failure.code == .cannotStart)
            #expect(failure.message.hasSuffix("no such file or directory"))
        }
    }

    @Test func thisProcessIsAlive() throws {
        #expect(try #require(ProcessIdentity(pid: getpid())).isAlive)
        #expect(ProcessIdentity(pid: -1) == nil)
        #expect(ProcessIdentity(pid: 0) == nil)
        #expect(ProcessIdentity(pid: .max) == nil)
    }
}

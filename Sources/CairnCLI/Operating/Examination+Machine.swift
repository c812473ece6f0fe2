import CairnBase
import CairnRuntime
import CairnStore
import Glibc

/// What the machine must give a node: room, a clock, descriptors, addresses.
///
/// SAFETY, throughout: structures and paths are lent to the C library for the length of one call.
extension Examination {
    mutating func examineDisk(_ home: Home) {
        guard let free = freeSpace(home.path) else {
            return fault("disk", "the system does not say how much is free at \(home.path)", do: "df \(home.path)")
        }
        let text = "\(free >> 20) MiB free at \(home.path)"
        if free < 64 << 20 {
            fault("disk", text, do: "Make room: below 48 MiB a node begins no block.")
        } else if free < 1 << 30 {
            doubt("disk", text, do: "Make room, or move the home to a larger disk.")
        } else {
            fine("disk", text)
        }
        guard let time = syncTime(home.path) else {
            return fault("sync", "nothing can be written in \(home.path)", do: "ls -ld \(shellWord(home.path))")
        }
        let sync = "4 KiB are durable after \(time.milliseconds) ms"
        // A vote waits for one sync, a block for another.
        if time > .milliseconds(200) {
            doubt("sync", sync, do: "A slower disk than that delays every vote; an SSD takes a few ms.")
        } else {
            fine("sync", sync)
        }
    }

    private func freeSpace(_ path: String) -> UInt64? {
        var facts = statvfs()
        guard unsafe statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
    }

    private func syncTime(_ path: String) -> TimeSpan? {
        let file = joinPath(path, ".doctor.\(getpid())")
        let start = Clock.monotonic()
        let bytes = [UInt8](repeating: 0, count: 4_096)
        let written = (try? SmallFile.replace(file, with: bytes)) != nil
        unlink(file)
        return written ? Clock.monotonic().since(start) : nil
    }

    mutating func examineClock() {
        let now = Clock.wall()
        if now.millisecondsSince1970 < 1_700_000_000_000 {
            fault("clock", "the clock says \(now.rfc3339)", do: "Set it: others do not follow a node of another time.")
        } else if let error = Clock.wallError {
            fine("clock", "\(now.rfc3339), right within \(error.milliseconds) ms")
        } else {
            doubt("clock", "\(now.rfc3339), and nothing keeps it right", do: "timedatectl set-ntp true")
        }
    }

    mutating func examineLimits() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let text = "a process may have \(limit.rlim_cur) files open"
        if limit.rlim_cur < 1_024 {
            doubt(
                "files", text,
                do: "ulimit -n 4096, or LimitNOFILE=4096 of a service; a node with 512 peers needs 1,024.")
        } else {
            fine("files", text)
        }
    }

    /// Whether the addresses can be used, when no node of the home has them.
    mutating func examineAddresses(_ config: Config) {
        for (name, endpoint) in [("p2p", config.listen), ("api", config.api)] {
            guard endpoint.address.v4 != nil else { continue }
            if isFree(endpoint) {
                fine(name, "\(endpoint) is free")
            } else {
                fault(
                    name, "\(endpoint) cannot be listened at: somebody does, or it is no address of this machine",
                    do: "ss -lntup shows who; \(name).listen chooses another")
            }
        }
    }
}

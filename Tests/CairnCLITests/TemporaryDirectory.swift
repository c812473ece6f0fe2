import Glibc
import Synchronization
import Testing

@testable import CairnCLI

/// Runs a test in a directory of its own, which is gone afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/cairn-test-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    let directory = String(cString: try #require(made))
    defer { try? Directory.remove(directory) }
    try body(directory)
}

/// Runs a test whose nodes end and start again at the addresses that `testnet up` chose: in between they are free, and
/// another test's testnet would take them.
func withTestnetAddresses(_ body: (String) throws -> Void) throws {
    try testnetAddresses.withLock { _ in try withTemporaryDirectory(body) }
}

private let testnetAddresses = Mutex(())

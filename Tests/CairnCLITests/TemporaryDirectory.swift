import Glibc
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

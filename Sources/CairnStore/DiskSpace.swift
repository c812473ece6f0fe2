import Glibc

/// How much of a file system is free.
///
/// SAFETY, throughout: the structure and the path are lent to the C library for the call.
enum DiskSpace {
    /// In bytes, for those who are not root; nil where the system does not say.
    static func free(at path: String) -> UInt64? {
        var facts = statvfs()
        guard unsafe statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
    }
}

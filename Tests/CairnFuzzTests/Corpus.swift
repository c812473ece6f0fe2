import Glibc

/// The inputs under `Tests/Corpus`, a folder per target, found from this file's own place.
enum Corpus {
    struct Missing: Error { let path: String }

    static func folders() throws -> [String] { try names(in: root) }

    static func files(of target: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = root + "/" + target
        return try names(in: folder).map { ($0, try contents(of: folder + "/" + $0)) }
    }

    private static var root: String {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(2)
        return parts.joined(separator: "/") + "/Corpus"
    }

    /// Sorted, because a folder's own order differs between machines.
    private static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw Missing(path: folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return bytes
    }
}

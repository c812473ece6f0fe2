import Glibc

/// The repository's text files, read once. Found from where this file is, so that no working folder matters.
struct SourceTree: Sendable {
    static let repository = SourceTree(root: root)

    let root: String
    let files: [SourceFile]

    /// What is looked at. Build folders and version control are not.
    private static let folders = ["Sources", "Tests", "scripts", "docs", "Testnet", "Examples", ".ci"]
    /// Bytes for fuzzers, not text.
    private static let skipped = ["Tests/Corpus"]

    private static var root: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }

    init(root: String) {
        self.root = root
        var paths = Self.entries(of: root).filter { $0.hasSuffix(".md") || $0.hasSuffix(".swift") }
        for folder in Self.folders { paths += Self.walk(folder, under: root) }
        files = paths.sorted().compactMap { path in
            Self.read("\(root)/\(path)").map { SourceFile(path: path, bytes: $0) }
        }
    }

    func exists(_ path: String) -> Bool {
        access("\(root)/\(path)", F_OK) == 0
    }

    private static func walk(_ folder: String, under root: String) -> [String] {
        if skipped.contains(folder) { return [] }
        return entries(of: "\(root)/\(folder)").filter { !$0.hasPrefix(".") }.flatMap { name in
            let inside = walk("\(folder)/\(name)", under: root)
            return inside.isEmpty ? ["\(folder)/\(name)"] : inside
        }
    }

    /// The names in a folder; none if it is not a folder.
    private static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        // SAFETY: the stream is open until this scope ends, and an entry is copied before the next one is read.
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    /// The bytes of a text file; nil for what cannot be read or holds a zero byte.
    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            // SAFETY: the call writes at most the chunk's own size into it.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return count == 0 && !bytes.contains(0) ? bytes : nil }
            bytes += chunk.prefix(count)
        }
    }
}

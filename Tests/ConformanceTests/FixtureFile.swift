import CairnBase
import CairnCrypto
import Glibc

/// The pinned encodings of one area: a line `name hex digest` each, in the order of the samples.
///
/// The digest is BLAKE2b-256 under the tag `cn/fixture`; it is what to compare when hex is too long to read aloud.
struct FixtureFile: Equatable {
    struct Line: Equatable {
        let name: String
        let hex: String
        let digest: String

        init(_ sample: Sample) {
            name = sample.name
            hex = CairnBase.hex(sample.bytes)
            digest = Blake2b().digest(DomainTag("cn/fixture"), sample.bytes).description
        }

        init?(_ text: Substring) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { return nil }
            (name, hex, digest) = (parts[0], parts[1], parts[2])
        }

        var text: String { "\(name) \(hex) \(digest)\n" }
    }

    struct Unreadable: Error { let path: String }

    let lines: [Line]

    init(_ samples: [Sample]) { lines = samples.map(Line.init) }

    init(reading path: String) throws {
        guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        lines = try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            guard let line = Line($0) else { throw Unreadable(path: path) }
            return line
        }
    }

    func write(to path: String) throws {
        guard let file = fopen(path, "w") else { throw Unreadable(path: path) }
        let bytes = Array(lines.map(\.text).joined().utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw Unreadable(path: path) }
    }

    static func path(of area: Area) -> String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/Fixtures/\(area.name).txt"
    }
}

extension FixtureFile {
    /// What a person needs to see: each line that is new, gone or changed, and where it changed.
    func differences(from pinned: FixtureFile) -> [String] {
        var texts: [String] = []
        for line in lines {
            guard let old = pinned.lines.first(where: { $0.name == line.name }) else {
                texts.append("\(line.name) is not pinned: \(line.hex)")
                continue
            }
            if old != line { texts.append("\(line.name) changed:\n\(Self.compare(old, line))") }
        }
        for old in pinned.lines where !lines.contains(where: { $0.name == old.name }) {
            texts.append("\(old.name) is pinned and no longer encoded")
        }
        if texts.isEmpty && self != pinned { texts.append("the order of the samples changed") }
        return texts
    }

    private static func compare(_ old: Line, _ new: Line) -> String {
        guard old.hex != new.hex else { return "  digest \(old.digest)\n  now    \(new.digest)" }
        let same = zip(old.hex.utf8, new.hex.utf8).prefix { $0 == $1 }.count / 2
        let mark = String(repeating: " ", count: same * 2) + "^^ byte \(same)"
        return "  pinned \(old.hex)\n  now    \(new.hex)\n         \(mark)"
    }
}

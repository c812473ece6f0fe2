import CairnBase
import CairnCrypto
import Glibc
import Testing

/// A directory of its own for every test, removed at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/cairn-keystore-\(hex(SecureRandom.bytes(count: 8)))"
        try #require(mkdir(path, 0o700) == 0)
    }

    /// The names in the directory, sorted.
    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    deinit {
        for name in names {
            if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        }
        rmdir(path)
    }
}

@Suite struct KeystoreFileTests {
    private let directory: TemporaryDirectory
    private let key: String

    init() throws {
        directory = try TemporaryDirectory()
        key = directory.path + "/validator.key"
    }

    private func loadError(_ path: String) -> KeystoreError? {
        do {
            _ = try Keystore.load(path, limits: CheapKeystore.limits)
            return nil
        } catch {
            return error
        }
    }

    private func write(_ bytes: [UInt8], _ path: String, mode: mode_t = 0o600) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        try #require(fchmod(descriptor, mode) == 0)
    }

    @Test func whatIsSavedIsLoaded() throws {
        let keystore = try CheapKeystore.sealed(.random())
        try keystore.save(key)
        #expect(try Keystore.load(key, limits: CheapKeystore.limits) == keystore)
        #expect(directory.names == ["validator.key"], "no temporary file is left")
        var status = stat()
        #expect(stat(key, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    @Test func nothingIsReplacedUnlessAsked() throws {
        let first = Keystore.development(.random(), role: .node)
        let second = Keystore.development(.random(), role: .node)
        try first.save(key)
        #expect(throws: KeystoreError.exists) { try second.save(key) }
        #expect(try Keystore.load(key) == first)
        try second.save(key, replacing: true)
        #expect(try Keystore.load(key) == second)
        #expect(directory.names == ["validator.key"])
    }

    @Test func aLinkIsReplacedAndNotFollowed() throws {
        let other = directory.path + "/other.key"
        let keystore = Keystore.development(.random(), role: .node)
        try write([1], other)
        try #require(symlink(other, key) == 0)
        #expect(throws: KeystoreError.exists) { try keystore.save(key) }
        try keystore.save(key, replacing: true)
        #expect(try Keystore.load(key) == keystore)
        #expect(loadError(other) == .damaged)
    }

    @Test func aMissingADamagedAndAForeignFileAreDifferent() throws {
        #expect(loadError(key) == .missing)
        try write([UInt8](repeating: 1, count: 200), key)
        #expect(loadError(key) == .damaged)
        try write([], key)
        #expect(loadError(key) == .damaged)
        try write([UInt8](repeating: 1, count: 5000), key)
        #expect(loadError(key) == .tooLarge(size: 5000, limit: 4096))
        #expect(loadError(key + "/below") == .system(.open, code: ENOTDIR))
    }

    @Test func onlyARegularFileIsRead() throws {
        try Keystore.development(.random(), role: .node).save(key)
        #expect(loadError(directory.path) == .notAFile)
        let link = directory.path + "/link"
        try #require(symlink(key, link) == 0)
        #expect(loadError(link) == .notAFile)
        let pipe = directory.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(loadError(pipe) == .notAFile)
        #expect(loadError("/dev/null") == .notAFile)
    }

    @Test func aFileThatOthersMayTouchIsRefused() throws {
        try Keystore.development(.random(), role: .node).save(key)
        for mode: mode_t in [0o640, 0o604, 0o620, 0o644, 0o666, 0o700, 0o4600] {
            try #require(chmod(key, mode) == 0)
            #expect(loadError(key) == .exposed(mode: mode))
        }
        for mode: mode_t in [0o600, 0o400] {
            try #require(chmod(key, mode) == 0)
            #expect(loadError(key) == nil)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give a file away"))
    func aFileOfAnotherUserIsRefused() throws {
        try Keystore.development(.random(), role: .node).save(key)
        try #require(chown(key, 12_345, 12_345) == 0)
        #expect(loadError(key) == .foreignOwner(user: 12_345))
    }

    @Test func aFailedSaveLeavesNothingBehind() throws {
        let keystore = Keystore.development(.random(), role: .node)
        let nowhere = directory.path + "/missing/validator.key"
        #expect(throws: KeystoreError.system(.create, code: ENOENT)) { try keystore.save(nowhere) }
        try #require(mkdir(key, 0o700) == 0)
        #expect(throws: KeystoreError.exists) { try keystore.save(key) }
        #expect(throws: KeystoreError.system(.publish, code: EISDIR)) { try keystore.save(key, replacing: true) }
        #expect(directory.names == ["validator.key"])
    }
}

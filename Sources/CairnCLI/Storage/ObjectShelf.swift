import CairnRuntime
import CairnWire
import Glibc

/// The objects that a home has put with holders: a file each.
struct ObjectShelf {
    let directory: String

    init(_ home: Home) {
        directory = joinPath(home.path, "objects")
    }

    func all() throws(Failure) -> [StoredObject] {
        var objects: [StoredObject] = []
        for name in Directory.names(directory) where name.hasSuffix(Self.suffix) {
            objects.append(try read(joinPath(directory, name)))
        }
        return objects
    }

    /// The one that a person means: by its name, or by the start of its id.
    func find(_ wanted: String) throws(Failure) -> StoredObject {
        let all = try all()
        let found = all.filter { isMeant(wanted, name: $0.name, id: $0.text) }
        guard let only = found.first, found.count == 1 else {
            throw Failure(
                .objectNotFound,
                found.isEmpty
                    ? "no object in \(directory) is called \(quoted(wanted))"
                    : "\(found.count) objects are called \(quoted(wanted)); their ids tell them apart",
                found: found.map { Hint($0.text, quoted($0.name)) },
                do: Hint("cairn storage ls", "lists all \(all.count)"))
        }
        return only
    }

    func add(_ object: StoredObject) throws(Failure) {
        try Directory.make(directory)
        try TextFile.create(path(of: object), object.json.text + "\n", mode: 0o600)
    }

    func remove(_ object: StoredObject) throws(Failure) {
        try removeFile(path(of: object))
    }

    private static let suffix = ".json"

    func path(of object: StoredObject) -> String { joinPath(directory, object.text + Self.suffix) }

    private func read(_ path: String) throws(Failure) -> StoredObject {
        let text = try TextFile.read(path, limit: StoredObject.fileLimit)
        guard let document = try? JSONReader.read(Array(text.utf8), limits: StoredObject.limits),
            let object = StoredObject(document)
        else { throw Failure(.objectDamaged, "\(path) does not say what its object is made of") }
        return object
    }
}

import CairnBase
import CairnLedger
import CairnStore
import CairnWire

extension Noun {
    static let coverage = Noun(
        name: "coverage", summary: "See where radios stand and what was proven of them", commands: [.coverageMap])
}

extension Command {
    private static let page = Flag.path("html", "FILE", "Also write a page of its own with the map; never over another")
    private static let columns = 64

    static let coverageMap = Command(
        path: ["coverage", "map"],
        summary: "Draw the radios of a chain on a map",
        text: [
            "North is up. A cell shows the best of its radios: # others heard it in its newest challenge, x it was challenged and "
                + "that was not proven, o it was not challenged yet. Retired ones are left out.",
            "The page written by --html holds everything in itself and asks for nothing from elsewhere; what stands at a place is "
                + "told when one points at it.",
        ],
        flags: [page.declaration],
        examples: [
            Example("cairn coverage map", "Draws the map in the terminal."),
            Example("cairn coverage map --html map.html --json", "Writes a page, and a document for a script."),
        ],
        exits: ChainFlags.exits + [.conflict],
        run: { session throws(Failure) in
            let chain = try session.chain()
            let map = CoverageMap(try chain.radios())
            var file: String?
            if let name = session.invocation[page] {
                let path = joinPath(session.surroundings.workingDirectory, name)
                guard !fileExists(path) else {
                    throw Failure(
                        .copyExists, "\(path) is there already", do: Hint("--html FILE", "names another place"))
                }
                try TextFile.create(path, map.page)
                file = path
            }
            let drawing = map.grid(columns: columns).map { $0 + "\n" }.joined()
            session.answer(
                [
                    .init("height", JSON(chain.height.number)), .init("radios", .array(map.places.map(\.document))),
                    .init("html", file.map { .string($0) } ?? .null),
                ],
                map.places.isEmpty
                    ? "no radios are registered\n"
                    : drawing + "\n" + map.legend.map { $0 + "\n" }.joined() + (file.map { "page  \($0)\n" } ?? ""))
            return .ok
        })
}

extension ChainView {
    /// The radios that are offered for coverage now, in the order of registration.
    fileprivate func radios() throws(Failure) -> [CoverageMap.Place] {
        var places: [CoverageMap.Place] = []
        for (key, resource) in try records(.resource, Resource.self).sorted(by: { $0.value.index < $1.value.index }) {
            guard !resource.isRetired, resource.offer.radio != nil, let id = ResourceID(Array(key.bytes.dropFirst()))
            else { continue }
            let verdicts = try read { reader throws(StoreError) in try reader.verdicts(of: id, page: Page()) }
            places.append(
                CoverageMap.Place(
                    id: id.description, position: resource.site.position,
                    state: verdicts.first.map { $0.passed ? .witnessed : .unproven } ?? .new,
                    passed: verdicts.count(where: \.passed), verdicts: verdicts.count))
        }
        return places
    }
}

extension CoverageMap.Place {
    fileprivate var document: JSON {
        [
            "resource": .string(id), "latitude": JSON(position.latitude), "longitude": JSON(position.longitude),
            "state": .string("\(state)"), "passed": JSON(passed), "verdicts": JSON(verdicts),
        ]
    }
}

import CairnBase

extension TestnetPlan {
    /// What a command asks for: the file that it names, and over that what its flags say.
    init(_ session: Session) throws(Failure) {
        self.init()
        let invocation = session.invocation
        if let given = invocation[TestnetFlags.manifest] {
            let file = joinPath(session.surroundings.workingDirectory, given)
            try self.init(file: file, text: TextFile.read(file))
        }
        if let count = invocation[TestnetFlags.nodes] {
            nodes = Int(count)
            holders.removeAll { $0 >= nodes }
            sealers.removeAll { $0 >= nodes }
        }
        seed = invocation[TestnetFlags.seed] ?? seed
        pace = invocation[TestnetFlags.pace] ?? pace
        town = invocation[TestnetFlags.town].map { joinPath(session.surroundings.workingDirectory, $0) } ?? town
    }

    /// Whether a testnet that is there is what a command asks for, as far as it asks for something.
    func fits(_ manifest: TestnetManifest, asIn session: Session) -> Bool {
        let isWhole = session.invocation[TestnetFlags.manifest] != nil
        func agrees<Value>(_ flag: Flag<Value>, _ isEqual: Bool) -> Bool {
            isEqual || !isWhole && session.invocation[flag] == nil
        }
        return agrees(TestnetFlags.nodes, nodes == manifest.nodes.count)
            && agrees(TestnetFlags.seed, seed == manifest.seed)
            && agrees(TestnetFlags.pace, (pace ?? manifest.pace) == manifest.pace)
    }

    /// The manifest of a new testnet in a directory, written there with all that it needs.
    func manifest(named name: String, in directory: TestnetDirectory) throws(Failure) -> TestnetManifest {
        let manifest = try TestnetManifest(name: name, self, isFree: isFree)
        if let town {
            let text = try TextFile.read(town)
            try TestnetTown.check(Town(file: town, text: text), holds: manifest.nodes.count, town)
            try TextFile.replace(directory.townFile, text)
        }
        try TextFile.replace(directory.manifestFile, manifest.text)
        return manifest
    }
}

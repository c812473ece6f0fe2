import CairnBase

/// Lets a newcomer into a testnet in the way strangers join a network: by a code, with keys of its own.
extension TestnetStart {
    func joined(
        by name: String, invitedBy host: String, _ run: ([String]) throws(Failure) -> String
    ) throws(Failure) -> TestnetStart {
        let inviter = testnet.directory.home(of: try testnet.node(named: host))
        let code = try run(["--home", inviter, "net", "invite"]).prefix { $0 != "\n" }
        var manifest = testnet.manifest
        let node = try manifest.add(isFree: isFree)
        _ = try run([
            "join", String(code), "--home", testnet.directory.home(of: node), "--dev", "--name", name,
            "--listen", "\(node.listen)", "--api", "\(node.api)",
        ])
        try TextFile.replace(testnet.directory.manifestFile, manifest.text)
        let grown = TestnetStart(
            testnet: Testnet(directory: testnet.directory, manifest: manifest), session: session, program: program)
        try grown.start(node)
        try grown.waitUntilReady(node)
        return grown
    }
}

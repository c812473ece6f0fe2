import CairnBase
import CairnRuntime

/// Gives a node another program while its home stays: what an operator does on a machine.
extension TestnetStart {
    /// The new program takes the name of the old one while that still runs, as a package manager does it.
    func upgrade(_ node: TestnetManifest.Node) throws(Failure) {
        let place = joinPath(testnet.directory.folder(node.name), "cairn")
        try copyProgram(program, to: place)
        _ = testnet.stop([node.name], within: .seconds(5))
        let upgraded = TestnetStart(testnet: testnet, session: session, program: place)
        try upgraded.start(node)
        try upgraded.waitUntilReady(node)
    }
}

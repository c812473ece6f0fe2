import CairnBase
import Testing

@testable import CairnCLI

@Suite struct TestnetManifestTests {
    @Test func everyNodeHasItsOwnNetwork() throws {
        let manifest = try TestnetManifest(name: "local", seed: 42, nodes: 3) { _ in true }
        #expect(manifest.nodes.map(\.name) == ["n0", "n1", "n2"])
        #expect(manifest.nodes.map(\.listen.description) == ["127.1.0.1:7470", "127.2.0.1:7480", "127.3.0.1:7490"])
        #expect(manifest.nodes.map(\.api.description) == ["127.1.0.1:7471", "127.2.0.1:7481", "127.3.0.1:7491"])
    }

    @Test func takenPortsAreSteppedOver() throws {
        let manifest = try TestnetManifest(name: "local", seed: 1, nodes: 2) { $0.port != 7481 && $0.port != 8480 }
        #expect(manifest.nodes.map(\.listen.port) == [7470, 9480])
        #expect(throws: Failure.self) { try TestnetManifest(name: "local", seed: 1, nodes: 1) { _ in false } }
    }

    @Test func theLargestStillFits() throws {
        let count = Int(TestnetManifest.nodeLimit)
        let manifest = try TestnetManifest(name: "big", seed: .max >> 1, nodes: count) { $0.port > 20_000 }
        #expect(Set(manifest.nodes.map(\.listen)).count == count)
        #expect(manifest.nodes.allSatisfy { $0.listen.address.isLoopback && $0.listen.port < 32_768 })
        #expect(try TestnetManifest(file: "m", text: manifest.text) == manifest)
        var radios = manifest
        radios.hasRadios = true
        #expect(try TestnetManifest(file: "m", text: radios.text) == radios)
    }

    @Test(arguments: [
        "", "[testnet]", "[testnet]\nname = \"a\"\nseed = -1\n[[node]]\n", "[testnet]\nname = \"a/b\"\nseed = 1",
        "[testnet]\nname = \"a\"\nseed = 1", "[testnet]\nname = \"a\"\nseed = 1\n[[node]]\nname = \"../x\"",
        "[testnet]\nname = \"a\"\nseed = 1\n[[node]]\nname = \"n0\"\nlisten = \"127.1.0.1\"\napi = \"127.1.0.1:1\"",
        "not toml",
    ])
    func damageIsRefused(text: String) {
        let failure = #expect(throws: Failure.self) { try TestnetManifest(file: "m", text: text) }
        #expect(failure?.code == .testnetDamaged)
    }

    @Test func aBusyPortIsSeen() throws {
        // Port 0 asks the kernel for any; that is always free.
        #expect(isFree(Endpoint(.loopback, port: 0)))
        #expect(!isFree(Endpoint(IPAddress(v4: 0x0808_0808), port: 7470)), "not an address of this machine")
    }
}

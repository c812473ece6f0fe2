import CairnBase
import CairnCrypto
import CairnRuntime
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// What counts as a peer in what people write, and what is said of one that is away.
@Suite struct PeerMentionTests {
    private let id = NodeID(SecretKey(seed: Seed(known: .zero)).publicKey)

    @Test func fourFormsArePeers() throws {
        let endpoint = try #require(Endpoint("192.0.2.1:7470"))
        let words = NodeName(of: id, using: Blake2b()).description
        #expect(PeerMention(id.peerID) == .id(id))
        #expect(PeerMention(words) == .words(words))
        #expect(PeerMention("192.0.2.1:7470") == .address(endpoint))
        #expect(PeerMention("/ip4/192.0.2.1/tcp/7470") == .multiaddr(endpoint, nil))
        #expect(PeerMention("/ip4/192.0.2.1/tcp/7470/p2p/\(id.peerID)") == .multiaddr(endpoint, id))
    }

    @Test(arguments: [
        "", "a/b", "a:b", "/", ":", "http://x", "badLeaf", "b2cffc9b", "brave-copper", "brave-copper-heron-x",
        "one-two-three",
        "heron-copper-brave", "/dns4/example.org/tcp/1", "/ip4/192.0.2.1", "192.0.2.1", "localhost:7470", "12D3KooW",
        "resource/1", "00:11:22",
    ])
    func nothingElseIs(_ text: String) {
        #expect(PeerMention(text) == nil)
    }

    @Test func aPeerThatIsAwayIsExplained() throws {
        try withTemporaryDirectory { directory in
            let home = joinPath(directory, "home")
            try Directory.make(home)
            let node = try LiveNode(home: home, genesis: try RewardedChain(in: ChainStore(directory: home)).genesis)
            defer { try? node.stop() }
            func why(_ what: String) -> TestRun {
                TestRun(["why", what, "--node", node.socket], directory: directory)
            }
            // Nobody listens at port 1.
            let away = why("127.0.0.1:1")
            #expect(away.exit == .ok, "\(away.notes)")
            #expect(away.out.contains("unknown to the node"))
            #expect(away.out.contains("it does not answer this machine: connect"))
            // The node itself answers.
            let report = try NodeClient(socket: node.socket, timeout: .seconds(5)).report()
            #expect(why(report.listen).out.contains("it answers this machine in "))
            #expect(why(NodeName(of: id, using: Blake2b()).description).error == "E113")
            #expect(why(id.peerID).error == "E113")
            // Programs that ask over HTTP make the node dial nobody.
            let answer = try HTTPClient(.local(path: node.socket)).get("/v1/why/127.0.0.1:1")
            #expect(answer.status == 400)
        }
    }
}

import CairnBase
import CairnCrypto
import CairnRuntime
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// `cairn peers ban`, `unban`, `bans` and `score`, against a node that runs and with what they print.
@Suite struct PeerBansTests {
    @Test func anAddressIsFoundUnderItsSite() throws {
        let text = """
            {"schema":"cairn.peers.bans/1","bans":[{"subject":"2001:db8:1:2::","name":null,"cause":"crowd","note":"",\
            "until":"2026-01-01T00:00:00Z","left_ms":1000,"times":1}]}
            """
        let report = try #require(BansReport(try JSONReader.read(Array(text.utf8))))
        for wanted in ["2001:db8:1:2::", "2001:db8:1:2:3:4:5:6"] {
            #expect(try report.find(wanted).subject == "2001:db8:1:2::", "\(wanted)")
        }
        #expect(throws: Failure.self) { try report.find("2001:db8:1:3::1") }
    }

    private let peer = NodeID(SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero)).publicKey)

    @Test func `bans are made, listed, explained and taken back at a running node`() throws {
        try withTemporaryDirectory { directory in
            let home = joinPath(directory, "home")
            try Directory.make(home)
            let node = try LiveNode(home: home, genesis: try RewardedChain(in: ChainStore(directory: home)).genesis)
            defer { try? node.stop() }
            func peers(_ words: String...) -> TestRun {
                TestRun(["peers"] + words + ["--node", node.socket], directory: directory)
            }
            let name = NodeName(of: peer, using: Blake2b()).description
            #expect(peers("bans").out == "nobody is banned\n")
            let made = peers("ban", peer.peerID, "--for", "2h", "--note", "says too much")
            #expect(made.exit == .ok && made.out.hasPrefix("banned  \(name)  \(peer.peerID)  until 2"), "\(made.notes)")
            #expect(peers("ban", "192.0.2.7").exit == .ok)
            #expect(peers("ban", "2001:db8::7", "--json").out.contains(#""subject":"2001:db8::7""#))
            let lines = peers("bans").out.split(separator: "\n")
            #expect(lines.count == 4 && lines[3].contains(name) && lines[3].hasSuffix("  says too much"))
            let listed = try JSONReader.read(Array(peers("bans", "--json").out.utf8))
            #expect(listed["schema"]?.string == "cairn.peers.bans/1" && listed["bans"]?.array?.count == 3)
            #expect(listed["bans"]?.array?.last?["cause"]?.string == "owner")

            // By its name, the start of its id, and an address.
            #expect(peers("unban", name).out == "no longer banned  \(name)  \(peer.peerID)\n")
            #expect(peers("ban", peer.peerID).exit == .ok)
            #expect(peers("unban", String(peer.peerID.prefix(14))).exit == .ok)
            #expect(peers("unban", "2001:DB8:0:0:0:0:0:7", "--json").out.contains(#""kept":true"#))
            #expect(peers("unban", "192.0.2.7").exit == .ok)
            #expect(peers("bans", "--json").out.contains(#""bans":[]"#))

            let own = try NodeClient(socket: node.socket, timeout: .seconds(5)).report().node.peerID
            let refused: [([String], String)] = [
                (["ban", own], "E116"), (["ban", "0.0.0.0"], "E116"), (["ban", "192.0.2.7", "--for", "8761h"], "E116"),
                (["ban", "192.0.2.7", "--for", "0s"], "E116"), (["ban", "192.0.2.7", "--for", "1d"], "E004"),
                (["ban", "192.0.2.7", "--note", String(repeating: "n", count: 201)], "E116"),
                (["ban", "192.0.2.7", "--note", "a\u{7}b"], "E116"), (["ban", "192.0.2.0/24"], "E113"),
                (["ban", "nobody-at-all"], "E113"), (["ban"], "E007"), (["unban", "192.0.2.7"], "E117"),
                (["unban", name], "E117"), (["unban", peer.peerID], "E117"), (["score", "nobody"], "E113"),
            ]
            for (words, code) in refused {
                let run = TestRun(["peers"] + words + ["--node", node.socket], directory: directory)
                #expect(run.error == code, "\(words): \(run.notes)")
            }
        }
    }

    @Test func `a score says what each part was given and taken for`() throws {
        let text = """
            {"schema":"cairn.pubsub/1","node":"x","thresholds":{"gossip":-10000,"publish":-50000,"graylist":-80000},
            "topics":[],"peers":[{"node":"\(peer.peerID)","name":"mystic-chalk-jaguar","version":"/meshsub/1.2.0",
            "connected":true,"mesh":2,"score":-34650,"mesh_time":1000,"first_deliveries":350,"invalid":-36000,
            "application":0,"crowding":0,"misbehaviour":0,"deeds":{"delivered":4,"rejected":1,"forged":2,"malformed":0,
            "unreadable":0,"broken_promises":2,"early_grafts":0}}]}
            """
        let report = try #require(ScoreReport(try JSONReader.read(Array(text.utf8))))
        #expect(
            report.breakdown(of: report.peers[0]) == """
                mystic-chalk-jaguar  \(peer.peerID)
                mesh         1.0  time in 2 meshes
                first        0.3  4 messages brought first
                invalid    -36.0  1 rejected, 2 forged, 0 malformed
                app          0.0  the application's opinion
                crowd        0.0  others of its subnet
                behaviour    0.0  2 broken promises, 0 early grafts, 0 unreadable envelopes
                score      -34.6  not told

                """)
        let lame = text.replacing("\"forged\":2,", with: "")
        #expect(ScoreReport(try JSONReader.read(Array(lame.utf8))) == nil)
    }
}

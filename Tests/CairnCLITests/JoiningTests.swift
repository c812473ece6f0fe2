import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// Codes to join a network by, and joining with and without them.
@Suite struct JoiningTests {
    private let invitation = Invitation(
        network: "small-town", chain: ChainID(Blake2b().digest(DomainTag("cn/test"), [1]).raw),
        checkpoint: .init(epoch: Epoch(1_234), committee: Blake2b().digest(DomainTag("cn/test"), [2])),
        peers: [
            .init(
                node: NodeID(Blake2b().digest(DomainTag("cn/test"), [3]).raw),
                endpoint: Endpoint("203.0.113.7:7470") ?? Endpoint(.loopback, port: 1)),
            .init(node: nil, endpoint: Endpoint("[2001:db8::1]:7470") ?? Endpoint(.loopback, port: 1)),
        ], expiry: 1_800_000_000)

    @Test func aCodeReadsAsItWasWritten() throws {
        #expect(try Invitation(code: invitation.code) == invitation)
        #expect(invitation.code.hasPrefix("cairn1"))
        #expect(invitation.code.utf8.allSatisfy { isLabelByte($0) }, "one double click takes all of it")
        #expect(invitation.code.utf8.count < 300)
    }

    @Test func everySlipInACodeIsFound() {
        let code = Array(invitation.code.utf8)
        for place in code.indices {
            for other in [UInt8(ascii: "a"), UInt8(ascii: "2"), UInt8(ascii: "0")] where code[place] != other {
                var slip = code
                slip[place] = other
                #expect(throws: DecodeError.self) { try Invitation(code: String(decoding: slip, as: UTF8.self)) }
            }
            let short = String(decoding: code[..<place], as: UTF8.self)
            #expect(throws: DecodeError.self) { try Invitation(code: short) }
        }
        #expect(throws: DecodeError.self) { try Invitation(code: invitation.code + "1") }
        #expect(throws: DecodeError.self) { try Invitation(code: "cairn1" + String(repeating: "z", count: 5_000)) }
    }

    @Test func aCodeThatIsOverOrBrokenMakesNoHome() throws {
        try withTemporaryDirectory { directory in
            func join(_ words: String...) -> TestRun {
                TestRun(["join"] + words + ["--dev", "--home", joinPath(directory, "home")], directory: directory)
            }
            var over = invitation
            over = Invitation(
                network: over.network, chain: over.chain, checkpoint: over.checkpoint, peers: over.peers, expiry: 1_000)
            #expect(join(over.code).error == "E1102")
            #expect(join(String(invitation.code.dropLast())).error == "E1101")
            #expect(join("genesis.json").error == "E201")
            #expect(!Directory.exists(joinPath(directory, "home")))
        }
    }

    @Test func aNewcomerGetsTheGenesisFromANodeAndChecksIt() throws {
        try withTemporaryDirectory { directory in
            let served = joinPath(directory, "served")
            try Directory.make(served)
            let genesis = try RewardedChain(in: ChainStore(directory: served)).genesis
            let node = try LiveNode(home: served, genesis: genesis)
            defer { try? node.stop() }
            func run(_ words: String...) -> TestRun { TestRun(words, directory: directory) }
            let status = try NodeClient(socket: node.socket, timeout: .seconds(5)).report()
            let made = run("net", "invite", "--json", "--node", node.socket)
            #expect(made.exit == .ok, "\(made.notes)")
            let code = try #require(try JSONReader.read(Array(made.out.utf8))["code"]?.string)
            let invitation = try Invitation(code: code)
            #expect(invitation.chain == genesis.chain(using: Blake2b()))
            #expect(invitation.peers.first?.node == status.node)
            let shown = try JSONReader.read(Array(run("chain", "--json", "--home", served).out.utf8))
            #expect(shown["checkpoint"]?.string == invitation.checkpoint.words)

            // By code: the genesis comes over the network.
            let joined = run("join", code, "--dev", "--home", "joined", "--json")
            #expect(joined.exit == .ok, "\(joined.notes)")
            let file = joinPath(directory, "joined/genesis.json")
            #expect(try GenesisFile.read(file) == genesis)
            #expect(run("config", "check", "--home", "joined").exit == .ok)
            let config = try TextFile.read(joinPath(directory, "joined/config.toml"))
            #expect(config.contains("\ncheckpoint = \"\(invitation.checkpoint.words)\"\n"))
            #expect(run("join", code, "--dev", "--home", "joined").error == "E205", "a home is never overwritten")

            // By file, which the node must agree with.
            let byFile = run("join", file, "--dev", "--home", "second", "--peer", status.listen)
            #expect(byFile.exit == .ok, "\(byFile.notes)")
            #expect(run("join", file, "--dev", "--home", "third").error == "E007")

            // Another network, with both named.
            let strange = Invitation(
                network: "elsewhere", chain: self.invitation.chain, checkpoint: self.invitation.checkpoint,
                peers: invitation.peers, expiry: 0)
            let refused = run("join", strange.code, "--dev", "--home", "fourth")
            #expect(refused.error == "E1104")
            #expect(refused.exit == .refused)
            #expect(refused.notes.contains(genesis.chain(using: Blake2b()).short))
            #expect(refused.notes.contains(strange.chain.short))

            // Somebody else answers at the address.
            let impostor = Invitation(
                network: "local", chain: invitation.chain, checkpoint: invitation.checkpoint,
                peers: [.init(node: self.invitation.peers[0].node, endpoint: invitation.peers[0].endpoint)], expiry: 0)
            let unreachable = run("join", impostor.code, "--dev", "--home", "fourth")
            #expect(unreachable.error == "E1103")
            #expect(unreachable.notes.contains("another node answered"))
            #expect(!Directory.exists(joinPath(directory, "fourth")))
        }
    }
}

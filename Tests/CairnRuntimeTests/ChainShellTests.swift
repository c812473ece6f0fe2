import CairnBase
import CairnConsensus
import CairnCrypto
import CairnGossip
import CairnLedger
import CairnNode
import CairnStore
import CairnTransport
import CairnWire
import Testing

@testable import CairnRuntime

@Suite(.serialized) struct ChainShellTests {
    @Test func fourNodesAgreeOnBlocksAndStoreThem() throws {
        let cluster = try ChainCluster(validators: 4)
        try cluster.run(untilAllHave: 12)
        let roots = cluster.blocks.map { $0.prefix(12).map(\.root) }
        #expect(roots.allSatisfy { $0 == roots[0] })
        cluster.stop()
    }

    @Test func votesTravelByDatagram() throws {
        let cluster = try ChainCluster(validators: 4, hasDatagrams: true)
        try cluster.run(untilAllHave: 12)
        // Three others vote twice for each block; the first blocks may have come before the sessions.
        for member in cluster.members { #expect((member.mesh?.votes.heard ?? 0) > 3 * 12) }
        cluster.stop()
    }

    /// Sessions stand, and every datagram with votes is lost: what is said again over TCP carries the chain.
    @Test func lostDatagramsStopNobody() throws {
        let cluster = try ChainCluster(validators: 4, hasDatagrams: true)
        for member in cluster.members { member.mesh?.onVote = nil }
        try cluster.run(untilAllHave: 12)
        for member in cluster.members { #expect((member.mesh?.votes.sent ?? 0) > 3 * 12) }
        cluster.stop()
    }

    /// One votes for two blocks in each view: blocks come all the same, others keep the proof of it on disk, and nobody else
    /// is accused.
    @Test func whoVotesTwiceIsCaught() throws {
        let cluster = try ChainCluster(validators: 4)
        cluster.members[2].shell.equivocates = { true }
        try cluster.run(untilAllHave: 12)
        cluster.stop()
        let liar = SecretKey(seed: Seed(known: cluster.members[2].validatorSeed)).publicKey
        let seen = try cluster.members.map { try EvidenceFile(home: $0.folder.path).read() }
        #expect(seen[2].isEmpty && [0, 1, 3].contains { !seen[$0].isEmpty })
        #expect(seen.flatMap(\.self).allSatisfy { $0.key == liar })
        for index in [0, 1, 3] {
            // Once for each epoch, whatever is said there.
            #expect(Set(seen[index].map(\.epoch)).count == seen[index].count)
            #expect(seen[index].count == Int(cluster.members[index].shell.contradictions))
        }
    }

    /// More of one peer's than may wait to be checked is dropped, and counted by what it was.
    @Test func droppedVotesAreCounted() throws {
        let cluster = try ChainCluster(validators: 4)
        let shell = cluster.members[0].shell
        let peer = NodeID(SecretKey(seed: Seed(known: cluster.members[1].nodeSeed)).publicKey)
        let bytes = NodeMessage.consensus(
            ConsensusMessage(position: shell.core.consensus.position, body: .votes([]))
        ).encoded
        cluster.run.loop.after(.zero) {
            for _ in 0..<600 { shell.peerSent(peer, bytes) }
            cluster.run.finish()
        }
        try cluster.run.run()
        #expect(shell.unchecked[.votes] == 600 - 512)
        #expect(shell.unchecked[.proposal] == nil)
        cluster.stop()
    }

    @Test func aFollowerKeepsUpWithoutVoting() throws {
        let cluster = try ChainCluster(validators: 4, followers: 1)
        cluster.onBlock = {
            if cluster.blocks.allSatisfy({ $0.count >= 7 }) { cluster.run.finish() }
        }
        cluster.start()
        try cluster.run.run()
        #expect(cluster.failures.isEmpty)
        #expect(cluster.blocks[4].prefix(7).map(\.digest) == cluster.blocks[0].prefix(7).map(\.digest))
        cluster.stop()
    }

    /// A chain that comes to the trusted epoch with other people in its committee is not followed past it.
    @Test func aFollowerBelievesNoOtherCommitteeThanItsOwnerTrusts() throws {
        let cluster = try ChainCluster(
            validators: 4, followers: 1, trusted: Blake2b().digest(DomainTag("cn/test"), [1]))
        cluster.members[4].shell.onFailure = { failure in
            cluster.failures.append(failure)
            cluster.run.finish()
        }
        cluster.start()
        try cluster.run.run()
        #expect(cluster.failures == [.otherThanCheckpoint(epoch: 2)])
        #expect(cluster.blocks[4].count <= 10)
        cluster.stop()

        let chain = cluster.genesis.chain(using: Blake2b())
        var state = MemoryState()
        state.commit(try Ledger(chain: chain, hash: Blake2b()).begin(cluster.genesis))
        let right = try #require(try LightClient.Checkpoint(of: Epoch(0), in: state, using: Blake2b())).committee
        let same = try ChainCluster(validators: 4, followers: 1, trusted: right)
        try same.run(untilAllHave: 12)
        same.stop()
    }

    /// A node that is connected with another follower only hears by topic that blocks are final, and what it publishes
    /// reaches the validators.
    @Test func aNodeBehindAFollowerTakesPart() throws {
        let hidden = 5
        let cluster = try ChainCluster(validators: 4, followers: 2) { max($0, $1) != hidden || min($0, $1) == 4 }
        var isSubmitted = false
        var answer: SubmissionAnswer?
        cluster.onBlock = {
            if cluster.blocks[hidden].count >= 3, !isSubmitted {
                isSubmitted = true
                guard let bytes = try? cluster.transfer(from: 0, to: 1) else { return }
                cluster.submit(bytes, to: hidden) { answer = $0 }
            }
            if cluster.blocks.allSatisfy({ blocks in blocks.contains { $0.transactionCount > 0 } }) {
                cluster.run.finish()
            }
        }
        cluster.start()
        try cluster.run.run(within: .seconds(30))
        #expect(cluster.failures.isEmpty)
        #expect(answer == .pool(.accepted))
        #expect((cluster.members[hidden].shell.pubSub?.core.counters.accepted ?? 0) >= 2)
        let byHeight = Dictionary(cluster.blocks[0].map { ($0.height, $0.digest) }, uniquingKeysWith: { $1 })
        #expect(cluster.blocks[hidden].allSatisfy { byHeight[$0.height] == nil || byHeight[$0.height] == $0.digest })
        cluster.stop()
    }

    /// What does not fit a message is named by one: a node that hears by topic alone asks for the block.
    @Test func `a block larger than a message by topic is announced by its certificate and fetched`() throws {
        let (validators, hidden) = (7, 8)
        let cluster = try ChainCluster(validators: validators, followers: 2, paceMilliseconds: 1_000) {
            max($0, $1) != hidden || min($0, $1) == 7
        }
        let perSender = Limits.Ledger().poolTransactionsPerSender
        let size = try cluster.transfer(from: 0, to: 1).count
        var sent = 0
        cluster.onBlock = {
            let blocks = cluster.blocks[hidden]
            if blocks.contains(where: { $0.transactionCount * size > Limits.Gossip().message }) {
                return cluster.run.finish()
            }
            // Once all that were sent are in blocks, each too small by chance, as many again.
            guard blocks.count >= 2, blocks.reduce(0, { $0 + $1.transactionCount }) == sent * validators else { return }
            for nonce in sent..<(sent + perSender) {
                for sender in 0..<validators {
                    guard let bytes = try? cluster.transfer(from: sender, to: 0, nonce: UInt64(nonce)) else { continue }
                    for validator in 0..<validators { cluster.submit(bytes, to: validator) { _ in } }
                }
            }
            sent += perSender
        }
        cluster.start()
        try cluster.run.run(within: .seconds(60))
        #expect(cluster.failures.isEmpty && sent > 0)
        #expect(cluster.blocks[hidden].contains { $0.transactionCount * size > Limits.Gossip().message })
        #expect((cluster.members[hidden].shell.pubSub?.core.counters.accepted ?? 0) >= 2)
        cluster.stop()
    }

    /// A validator goes down and comes back on the same home: it reads its log, asks the others, catches up with blocks
    /// it missed over several epochs, and executes the same ones.
    @Test func aRestartedValidatorCatchesUp() throws {
        let cluster = try ChainCluster(validators: 4)
        var isDown = false
        cluster.onBlock = {
            let height = cluster.blocks[0].count
            if height == 4, !isDown {
                isDown = true
                cluster.takeDown(3)
            } else if height == 14, isDown {
                isDown = false
                cluster.run.loop.after(.zero) { try? cluster.bringBack(3) }
            } else if cluster.blocks.allSatisfy({ ($0.last?.height.number ?? 0) >= 24 }) {
                cluster.run.finish()
            }
        }
        cluster.start()
        try cluster.run.run(within: .seconds(60))
        #expect(cluster.failures.isEmpty)
        let byHeight = Dictionary(cluster.blocks[0].map { ($0.height, $0.digest) }, uniquingKeysWith: { $1 })
        let heights = cluster.blocks[3].map(\.height.number)
        #expect(heights == Array(1...UInt64(heights.count)))
        #expect(cluster.blocks[3].allSatisfy { byHeight[$0.height] == nil || byHeight[$0.height] == $0.digest })
        // What it missed it was given in answer to questions.
        let counters = cluster.members[3].network.counters
        #expect(counters.questions > counters.failedQuestions + counters.cancelledQuestions)
        cluster.stop()
    }

    /// Stake is bound for three epochs of five blocks, of which the last does not count, and a block takes 100 ms at least.
    @Test(arguments: [(nil, 2_000), (4, 4_000)] as [(UInt64?, UInt64)])
    func whoIsTrustedGrowsOld(epoch: UInt64?, bound: UInt64) throws {
        let cluster = try ChainCluster(validators: 1)
        let checkpoint = epoch.map { LightClient.Checkpoint(epoch: Epoch($0), committee: .zero) }
        for isVouchedFor in [false, true] {
            let wish = SnapshotWish(blocks: 1, isVouchedFor: isVouchedFor)
            #expect(!wish.isStale(cluster.genesis, since: checkpoint, at: bound))
            #expect(wish.isStale(cluster.genesis, since: checkpoint, at: bound + 1) != isVouchedFor)
        }
        cluster.stop()
    }

    /// A new home takes over the state that the headers of an epoch name, and goes on from there like everybody.
    @Test func aNewHomeBeginsFromASnapshot() throws {
        let cluster = try ChainCluster(validators: 4, paceMilliseconds: 20)
        var newcomer: ChainCluster.Newcomer?
        var shell: ChainShell?
        var head: ChainHead?
        var heard: [BlockSummary] = []
        let begin = {
            let newcomer = try cluster.newcomer { result in
                head = try? result.get()
                cluster.run.loop.after(.zero) {
                    guard head != nil, let newcomer else { return cluster.run.finish() }
                    newcomer.fetcher.close()
                    shell = try? ChainShell(
                        on: cluster.run.loop, network: newcomer.network, newcomer.configuration, log: cluster.log)
                    shell?.onBlock = { block in
                        heard.append(block)
                        if heard.count == 12 { cluster.run.finish() }
                    }
                    shell?.start()
                    for node in newcomer.network.members { shell?.meet(node) }
                    // The chain stood still meanwhile, so that the snapshot was not overtaken.
                    try? cluster.bringBack(2)
                }
            }
            return newcomer
        }
        cluster.onBlock = {
            if newcomer == nil, cluster.blocks.allSatisfy({ $0.count >= 23 }) {
                cluster.takeDown(2)
                cluster.takeDown(3)
                newcomer = try? begin()
            }
        }
        cluster.start()
        try cluster.run.run(within: .seconds(60))
        #expect(cluster.failures.isEmpty)
        let base = try #require(head?.height.number)
        #expect(base >= 15 && base.isMultiple(of: 5))
        let byHeight = Dictionary(cluster.blocks[0].map { ($0.height.number, $0) }, uniquingKeysWith: { $1 })
        #expect(head?.root == byHeight[base]?.root)
        // The turn that hears the twelfth may hear more.
        #expect(heard.count >= 12)
        #expect(heard.map(\.height.number) == Array((base + 1)...(base + UInt64(heard.count))))
        #expect(heard.allSatisfy { byHeight[$0.height.number].map(\.root) ?? $0.root == $0.root })
        shell?.stop()
        newcomer?.network.close()
        cluster.stop()
    }

    @Test func aTransferIsCommittedOnce() throws {
        let cluster = try ChainCluster(validators: 4)
        var answers: [SubmissionAnswer] = []
        cluster.onBlock = {
            if cluster.blocks.allSatisfy({ blocks in blocks.contains { $0.transactionCount > 0 } }) {
                cluster.run.finish()
            }
        }
        let bytes = try cluster.transfer(from: 0, to: 1)
        cluster.start()
        cluster.submit(bytes, to: 2) { answer in
            answers.append(answer)
            cluster.submit(bytes, to: 2) { answers.append($0) }
        }
        cluster.submit([1, 2, 3], to: 1) { answers.append($0) }
        // Of an account that owns nothing: a block would hold it for nothing, and so would the next.
        cluster.submit(try cluster.transfer(from: 40, to: 1), to: 1) { answers.append($0) }
        try cluster.run.run()
        #expect(answers.contains(.pool(.accepted)) && answers.contains(.pool(.known)) && answers.contains(.malformed))
        #expect(answers.contains(.pool(.unknownSender)))
        #expect(cluster.blocks[0].map(\.transactionCount).reduce(0, +) == 1)
        cluster.stop()
    }
}

import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnTransport
import CairnWire
import Glibc
import Testing

@testable import CairnRuntime

/// A member of a network that asks others about pieces, one question after the other.
private final class Asker: PeerNetworkHandler {
    let network: PeerNetwork
    let node: NodeID
    var onConnected: () -> Void = {}

    init(_ number: UInt8, on loop: EventLoop, kinds: [RequestKind] = [], _ change: (inout Limits) -> Void = { _ in }) {
        let seed = Seed(known: Blake2b().digest(DomainTag("cn/test"), [number]).raw)
        let identity = NoiseIdentity(signedBy: SecretKey(seed: seed), local: .generate())
        var settings = PeerNetwork.Settings(messageLimit: 1 << 10, seed: UInt64(number))
        change(&settings.limits)
        settings.kinds = kinds
        network = PeerNetwork(on: loop, as: identity, settings, log: Self.quiet)
        node = identity.node
        network.handler = self
    }

    static var quiet: Logger {
        var options = LogOutput.Options()
        options.filter = LogFilter(.off)
        return LogOutput(options).logger("test")
    }

    var peerHello: PeerHello? {
        PeerHello(chain: ChainID(.zero), network: "pieces", agent: "test", height: .genesis, time: 1_000)
    }

    func peerConnected(_ node: NodeID, _ hello: PeerHello) { onConnected() }
    func peerDisconnected(_ node: NodeID) {}
    func peerSent(_ node: NodeID, _ message: [UInt8]) {}
    func peerAsked(_ question: PeerQuestion) { network.answer(question, status: 99, []) }

    /// Asks until every question is answered.
    func ask(
        _ questions: ArraySlice<[UInt8]>, of node: NodeID, answers: [PeerAnswer] = [],
        _ done: @escaping ([PeerAnswer]) -> Void
    ) {
        guard let question = questions.first else { return done(answers) }
        let asked = network.ask(.pieces, question, of: node) { [weak self] answer in
            self?.ask(questions.dropFirst(), of: node, answers: answers + [answer], done)
        }
        #expect(asked != nil, "one question at a time always has room")
    }
}

/// What a holder does with the questions of its peers, over real connections.
@Suite(.serialized) struct PieceServiceTests {
    private let folder: TemporaryFolder
    private let run: LoopRun

    init() throws {
        folder = try TemporaryFolder()
        run = try LoopRun()
    }

    private func piece(_ filling: UInt8) throws -> (name: PieceName, bytes: [UInt8]) {
        let bytes = (0..<StorageUnits.unitBytes).map { UInt8(truncatingIfNeeded: $0 >> 9) ^ filling }
        var digest = PieceDigest()
        digest.update(bytes.span.bytes, using: Blake2b())
        return (try #require(digest.name(using: Blake2b())), bytes)
    }

    private func portions(_ piece: (name: PieceName, bytes: [UInt8])) -> [[UInt8]] {
        stride(from: 0, to: piece.bytes.count, by: PieceQuestion.portion).map { offset in
            let bytes = Array(piece.bytes[offset..<(offset + PieceQuestion.portion)])
            return PieceQuestion.write(piece.name, offset: UInt32(offset), bytes).encoded
        }
    }

    /// A witness's question is answered with a shard that the list of its object has, signed; any other with nothing.
    @Test func aShardIsShownToAWitness() throws {
        let (asker, service, address) = try holder()
        defer {
            service.close()
            asker.network.close()
        }
        let (own, other) = (try piece(1), try piece(2))
        let list = try #require(PieceList([other.name.root, own.name.root]))
        func question(_ shard: UInt8, of root: Digest, units: UInt8 = 1) -> ShardQuestion {
            ShardQuestion(
                root: root, shard: shard, units: units,
                round: RoundQuestion(
                    challenge: own.name.root, provider: .zero, partition: 3, witness: .zero, nonce: .zero))
        }
        let root = list.root(using: Blake2b())
        let wanted = question(1, of: root)
        let refused = [
            question(0, of: root), question(2, of: root), question(1, of: own.name.root),
            question(1, of: root, units: 2),
            question(1, of: root, units: 0),
        ]
        let asked =
            portions(own) + [PieceQuestion.tell(list).encoded, PieceQuestion.show(wanted).encoded]
            + refused.map { PieceQuestion.show($0).encoded } + [Array(PieceQuestion.show(wanted).encoded.dropLast())]
        let heard = try answers(to: asked, of: address)
        guard case .answered(PieceStatus.well.rawValue, let bytes) = heard[portions(own).count + 1] else {
            Issue.record("nothing was shown: \(heard[portions(own).count + 1])")
            return
        }
        let answer = try ShardAnswer.decode(bytes, limit: PieceQuestion.byteLimit)
        let chain = ChainID(.zero)
        #expect(answer.result(answering: wanted, ofShards: 2, on: chain, using: Blake2b()) == .good)
        #expect(answer.result(answering: wanted, ofShards: 3, on: chain, using: Blake2b()) == .badPath)
        #expect(answer.result(answering: question(0, of: root), ofShards: 2, on: chain, using: Blake2b()) == .badPath)
        let walk = wanted.round.walk(on: chain)
        let end = answer.shown.end(from: walk.start(using: Blake2b()), using: Blake2b())
        let key = DeviceIdentity(seed: Seed(known: .zero)).key.publicKey
        let signed = ShownEnd(signedBody: walk.signedBody(last: end), signature: answer.signature)
        #expect(Verifier(chain: chain).verify(Claim(signed, by: key)) != nil)
        #expect(Verifier(chain: ChainID(own.name.root.raw)).verify(Claim(signed, by: key)) == nil)
        let others = heard.suffix(refused.count + 1).map(status)
        #expect(others == [.unknown, .unknown, .unknown, .unknown, .unknown, .malformed])
    }

    private func reads(_ name: PieceName) -> [[UInt8]] {
        stride(from: 0, to: name.byteCount, by: PieceQuestion.portion).map { offset in
            PieceQuestion.read(name, offset: UInt32(offset), count: UInt32(PieceQuestion.portion)).encoded
        }
    }

    private func holder(
        units: Int = 4, _ change: (inout Limits) -> Void = { _ in }
    ) throws -> (Asker, PieceService, PeerAddress) {
        let holder = Asker(1, on: run.loop, kinds: [.pieces], change)
        let service = try PieceService(
            holder.network, of: holder.node, on: ChainID(.zero),
            StorageConfiguration(
                directory: folder.path + "/store", capacity: UInt64(units * StorageUnits.unitBytes),
                device: SharedDeviceKeys(DeviceIdentity(seed: Seed(known: .zero)))),
            log: Asker.quiet)
        let endpoint = try holder.network.listen(at: .freeLoopback(network: 71))
        return (holder, service, PeerAddress(holder.node, at: endpoint))
    }

    /// What a new client is answered, in order.
    private func answers(
        _ number: UInt8 = 2, to questions: [[UInt8]], of address: PeerAddress
    ) throws -> [PeerAnswer] {
        let client = Asker(number, on: run.loop)
        var heard: [PeerAnswer] = []
        client.onConnected = { [run] in
            client.ask(questions[...], of: address.node) {
                heard = $0
                client.network.close()
                run.finish()
            }
        }
        client.network.keep(address)
        try run.run()
        return heard
    }

    private func status(_ answer: PeerAnswer) -> PieceStatus? {
        guard case .answered(let status, _) = answer else { return nil }
        return PieceStatus(rawValue: status)
    }

    private func bytes(_ answer: PeerAnswer) -> [UInt8] {
        guard case .answered(_, let bytes) = answer else { return [] }
        return bytes
    }

    @Test func whatOneClientPutsAnotherReadsAndCannotRemove() throws {
        let (holder, service, address) = try holder()
        let piece = try piece(3)
        let put = try answers(2, to: portions(piece), of: address)
        #expect(put.map(status) == [.well, .well, .well, .well])
        let read = try answers(3, to: reads(piece.name) + [PieceQuestion.remove(piece.name).encoded], of: address)
        #expect(read.dropLast().flatMap(bytes) == piece.bytes)
        #expect(read.last.map(status) == .unknown)
        #expect(service.fill.pieces == 1 && service.fill.offer.used == UInt64(StorageUnits.unitBytes))
        let removed = try answers(
            2, to: [PieceQuestion.remove(piece.name).encoded, PieceQuestion.have(piece.name).encoded], of: address)
        #expect(removed.map(status) == [.well, .unknown] && service.fill.pieces == 0)
        holder.network.close()
        service.close()
    }

    @Test func whoIsInterruptedGoesOnWhereItStopped() throws {
        let (holder, service, address) = try holder()
        let piece = try piece(4)
        let parts = portions(piece)
        let resume = PieceQuestion.resume(piece.name).encoded
        let first = try answers(to: [resume, parts[0], parts[1], parts[3]], of: address)
        #expect(first.map(status) == [.well, .well, .well, .outOfOrder])
        #expect(bytes(first[3]) == [0, 0, 8, 0], "half a mebibyte is there")
        let second = try answers(to: [resume, parts[2], parts[3], PieceQuestion.have(piece.name).encoded], of: address)
        #expect(second.map(status) == [.well, .well, .well, .well] && bytes(second[0]) == [0, 0, 8, 0])
        holder.network.close()
        service.close()
    }

    @Test func liesAndNonsenseAreRefusedAndTheConnectionStays() throws {
        let (holder, service, address) = try holder(units: 1)
        let (piece, other) = (try piece(5), try piece(6))
        var lie = portions(piece)
        lie[3][lie[3].count - 1] ^= 1
        let heard = try answers(
            to: [[], [9], [3, 1, 2]] + lie + [PieceQuestion.have(piece.name).encoded] + portions(piece)
                + [portions(other)[0], PieceQuestion.offer.encoded], of: address)
        #expect(
            heard.map(status) == [
                .malformed, .malformed, .malformed, .well, .well, .well, .mismatch, .unknown, .well, .well, .well,
                .well,
                .full, .well,
            ])
        let offer = try PieceOffer.decode(heard.last.map(bytes) ?? [], limit: 16)
        #expect(offer.capacity == 1 << 20 && offer.free == 0)
        #expect(service.counters.answers[.malformed] == 3 && service.counters.answers[.mismatch] == 1)
        holder.network.close()
        service.close()
    }

    @Test func whoAsksTooMuchIsToldSoAndOthersAreNot() throws {
        let (holder, service, address) = try holder {
            $0.pieces.questionsAtOnce = 3
            $0.pieces.questionsPerSecond = 0
        }
        let offer = PieceQuestion.offer.encoded
        let greedy = try answers(2, to: [offer, offer, offer, offer, offer], of: address)
        #expect(greedy.map(status) == [.well, .well, .well, .busy, .busy])
        let other = try answers(3, to: [offer], of: address)
        #expect(other.map(status) == [.well] && service.counters.answers[.busy] == 2)
        holder.network.close()
        service.close()
    }

    @Test func aFlippedBitIsFoundNamedAndHealedByWritingAnew() throws {
        let (holder, service, address) = try holder { $0.pieces.scrubPause = .milliseconds(1) }
        let piece = try piece(7)
        _ = try answers(to: portions(piece), of: address)
        let path = "\(folder.path)/store/pieces/\(piece.name.root.description.prefix(2))/\(piece.name.root)"
        let file = open(path, O_RDWR)
        var byte = piece.bytes[700_000] ^ 0x10
        try #require(pwrite(file, &byte, 1, 700_000) == 1)
        close(file)
        func look() {
            if service.counters.damaged > 0 { return run.finish() }
            run.loop.after(.milliseconds(1)) { look() }
        }
        look()
        try run.run()
        let heard = try answers(
            to: [reads(piece.name)[0]] + portions(piece) + reads(piece.name), of: address)
        #expect(heard.prefix(5).map(status) == [.damaged, .well, .well, .well, .well])
        #expect(heard.suffix(4).flatMap(bytes) == piece.bytes)
        holder.network.close()
        service.close()
    }

    @Test func whoKeepsNothingRefusesTheKind() throws {
        let holder = Asker(1, on: run.loop)
        let endpoint = try holder.network.listen(at: .freeLoopback(network: 71))
        let heard = try answers(
            to: [PieceQuestion.offer.encoded], of: PeerAddress(holder.node, at: endpoint))
        #expect(heard == [.failed(.refused)])
        holder.network.close()
    }
}

import CairnBase
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStorage
import CairnStore
import CairnTransport
import CairnWire

/// A node's custody in the real world: its shelf, its peers who hold the other shards, and what it says on the chain.
final class CustodyShell {
    let network: PeerNetwork
    let pieces: PieceService
    private let chain: ChainShell
    private let node: NodeID
    private let log: Logger
    private let sign: ([UInt8]) -> Signature
    private(set) var core = Custody(seed: SecureRandom.seed(), hash: Blake2b())
    private var view: HolderView?
    private var words: HolderWords
    private var isBusy = false
    private var waiting: [CustodyInput] = []
    // ORDER: only kept alive here.
    private var rescues: [ObjectIdentifier: PieceRescue] = [:]

    init(
        on network: PeerNetwork, _ chain: ChainShell, _ pieces: PieceService, of node: NodeID, log: Logger,
        sign: @escaping ([UInt8]) -> Signature
    ) {
        self.network = network
        self.chain = chain
        self.pieces = pieces
        self.node = node
        self.log = log
        self.sign = sign
        words = HolderWords(of: node, on: chain.chain)
        chain.onExecuted = { [weak self] height in
            guard let self else { return }
            handle(.block(height))
            chain.ask(.holdings(of: self.node))
        }
        chain.onHoldings = { [weak self] view in self?.take(view) }
        pieces.onDamage = { [weak self] root in self?.handle(.damaged(root)) }
    }

    /// Asks the chain for the first time; until then nothing is ours.
    func begin() {
        handle(.block(chain.core.executed))
        chain.ask(.holdings(of: node))
    }

    private func take(_ view: HolderView) {
        self.view = view
        handle(.duties(view.duties))
    }

    func handle(_ input: CustodyInput) {
        waiting.append(input)
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        while !waiting.isEmpty {
            var effects: [CustodyEffect] = []
            core.handle(waiting.removeFirst(), at: network.loop.now, into: &effects)
            for effect in effects { carryOut(effect) }
        }
    }

    private func carryOut(_ effect: CustodyEffect) {
        switch effect {
        case .look(let root):
            pieces.perform(.look(root: root)) { [weak self] answer in
                guard case .list(let list) = answer else { return }
                self?.handle(.list(list, root: root))
            }
        case .askList(let root, let node): askList(root, of: node)
        case .check(let name, let object):
            pieces.perform(.check(name, of: object)) { [weak self] answer in
                // Too busy to look is no answer.
                guard let answer else { return }
                if case .isThere(let isThere) = answer { self?.handle(.checked(name, isThere: isThere)) }
                if case .refused = answer { self?.handle(.checked(name, isThere: false)) }
            }
        case .probe(let name, let object, let shard, let node, let start):
            probe(name, object, shard, node, start)
        case .make(let making): make(making)
        case .hold(let object, let shard): say(.hold(object, shard: UInt8(clamping: shard)))
        case .miss(let object, let shard):
            log.warn("a holder shows its shard no more", ["object": .id(object), "shard": .count(shard)])
            say(.miss(object, shard: UInt8(clamping: shard)))
        case .settle(let roots): settle(roots)
        }
    }

    private func settle(_ roots: [Digest]) {
        pieces.perform(.settle(roots: roots)) { [log] answer in
            guard case .settled(let count) = answer, count > 0 else { return }
            log.info("shards that are held no more are gone", ["count": .count(count)])
        }
    }

    private func askList(_ root: Digest, of node: NodeID) {
        _ = network.ask(.pieces, PieceQuestion.list(root).encoded, of: node) { [weak self] answer in
            guard case .answered(PieceStatus.well.rawValue, let bytes) = answer,
                let list = try? PieceList.decode(bytes, limit: bytes.count)
            else { return }
            self?.handle(.list(list, root: root))
        }
    }

    private func probe(_ name: PieceName, _ object: Digest, _ shard: Int, _ node: NodeID, _ start: Digest) {
        let question = PieceQuestion.prove(name, from: start).encoded
        let asked = network.ask(.pieces, question, of: node) { [weak self] answer in
            var isGood = false
            if case .answered(PieceStatus.well.rawValue, let bytes) = answer,
                let shown = try? HotAnswer.decode(bytes, limit: bytes.count)
            {
                isGood = shown.shows(name, from: start, using: Blake2b())
            }
            self?.handle(.probed(object: object, shard: shard, of: node, isGood: isGood))
        }
        if asked == nil { handle(.probed(object: object, shard: shard, of: node, isGood: false)) }
    }

    private func make(_ making: Making) {
        log.info("a shard is made anew", ["piece": .id(making.name.root), "shard": .count(making.own)])
        let rescue = PieceRescue(network, pieces, making) { [weak self] rescue, isDone in
            self?.rescues[ObjectIdentifier(rescue)] = nil
            self?.log.info(
                isDone ? "a shard is whole again" : "a shard could not be made",
                ["piece": .id(making.name.root), "shard": .count(making.own)])
            self?.handle(.made(making.name, isDone: isDone))
        }
        rescues[ObjectIdentifier(rescue)] = rescue
        rescue.start()
    }
}

// MARK: - What is said on the chain

extension CustodyShell {
    private func say(_ action: Action) {
        words.add(action)
        sayNext()
    }

    private func sayNext() {
        guard let body = words.next(by: view, chain.core) else { return }
        let transaction = Transaction(body, signature: sign(body.signedBytes(chain: chain.chain)))
        chain.submit(transaction.encoded) { [weak self] answer in
            guard let self else { return }
            words.answered(isAccepted: answer.refusal == nil)
            // Not in this call: an answer may come at once.
            network.loop.after(.zero) { [weak self] in self?.sayNext() }
        }
    }

    var document: JSON {
        let (counters, fill) = (core.counters, core.fill)
        return [
            "there": JSON(fill.there), "missing": JSON(fill.missing), "made": JSON(counters.made),
            "failed": JSON(counters.failedMakings), "damaged": JSON(counters.damaged),
            "probes": JSON(counters.probes), "failed_probes": JSON(counters.failedProbes),
            "misses": JSON(counters.misses), "refused": JSON(counters.refused), "said": JSON(words.said),
            "unsaid": JSON(words.unsaid),
        ]
    }
}

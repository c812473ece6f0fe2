import CairnBase
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire

/// A simulated node's custody: its shelf, its peers who hold the other shards, and what it says on the chain.
extension NodeServer {
    mutating func tellCustody(_ input: CustodyInput, at now: Instant, into effects: inout [Effect]) {
        storage?.custodyInputs.append(input)
        guard storage?.custodyInputs.count == 1 else { return }
        while let next = storage?.custodyInputs.first {
            var wanted: [CustodyEffect] = []
            storage?.custody.handle(next, at: now, into: &wanted)
            for effect in wanted { carryOut(effect, at: now, into: &effects) }
            storage?.custodyInputs.removeFirst()
        }
    }

    private mutating func carryOut(_ effect: CustodyEffect, at now: Instant, into effects: inout [Effect]) {
        switch effect {
        case .look(let root): perform(.custody(.look(root: root)), at: now, into: &effects)
        case .askList(let root, let node):
            _ = ask(.list(root), of: node, for: .list(root), at: now, into: &effects)
        case .check(let name, let object):
            perform(.custody(.check(name, of: object)), at: now, into: &effects)
        case .probe(let name, let object, let shard, let node, let start):
            effects.append(.note("storage.probes", 1))
            let caller = PieceCaller.probe(name, object: object, shard: shard, node: node, start: start)
            if !ask(.prove(name, from: start), of: node, for: caller, at: now, into: &effects) {
                tellCustody(
                    .probed(object: object, shard: shard, of: node, isGood: false), at: now, into: &effects)
            }
        case .make(let making) where world.bug == .neverRepair:
            made(making.name, false, at: now, into: &effects)
        case .make(let making):
            var rescue = Rescue(making) { source in
                world.process(of: source.node).map { links[$0] != nil } ?? false
            }
            let steps = rescue.begin()
            storage?.rescues[making.name.root] = rescue
            carryOut(steps, of: making.name, at: now, into: &effects)
        case .hold(let object, let shard): say(.hold(object, shard: UInt8(clamping: shard)), at: now, into: &effects)
        case .miss(let object, let shard):
            effects.append(.note("storage.misses", 1))
            say(.miss(object, shard: UInt8(clamping: shard)), at: now, into: &effects)
        case .settle(let roots): perform(.custody(.settle(roots: roots)), at: now, into: &effects)
        }
    }

    mutating func tellCustody(
        _ answer: CustodyAnswer, to job: CustodyJob, at now: Instant, into effects: inout [Effect]
    ) {
        switch (job, answer) {
        case (.look(let root), .list(let list)): tellCustody(.list(list, root: root), at: now, into: &effects)
        case (.check(let name, _), .isThere(let isThere)):
            tellCustody(.checked(name, isThere: isThere), at: now, into: &effects)
        case (.check(let name, _), .refused): tellCustody(.checked(name, isThere: false), at: now, into: &effects)
        case (.make(let making, _), .isThere(true)): made(making.name, true, at: now, into: &effects)
        case (.make(let making, _), _): made(making.name, false, at: now, into: &effects)
        case (.settle, .settled(let count)):
            if count > 0 { effects.append(.note("storage.let-go", UInt64(count))) }
        default: break
        }
    }

    mutating func made(_ name: PieceName, _ isDone: Bool, at now: Instant, into effects: inout [Effect]) {
        storage?.rescues[name.root] = nil
        for (number, fetch) in storage?.fetches ?? [:] where fetch.making == name {
            storage?.fetches.removeValue(forKey: number)
        }
        effects.append(.note(isDone ? "storage.made" : "storage.unmade", 1))
        tellCustody(.made(name, isDone: isDone), at: now, into: &effects)
    }

    // MARK: - Pieces that others are made from

    private mutating func carryOut(
        _ steps: [Rescue.Step], of name: PieceName, at now: Instant, into effects: inout [Effect]
    ) {
        for step in steps {
            switch step {
            case .fetch(let source):
                let number = number()
                let fetch = Fetch(making: name, source: source, errand: PieceErrand(.read, source.name))
                storage?.fetches[number] = fetch
                ask(fetch.errand.first, for: number, at: now, into: &effects)
            case .make(let found):
                guard let making = storage?.rescues[name.root]?.making else { break }
                perform(.custody(.make(making, from: found)), at: now, into: &effects)
            case .fail: made(name, false, at: now, into: &effects)
            }
        }
    }

    private mutating func ask(
        _ question: PieceQuestion, for number: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let fetch = storage?.fetches[number] else { return }
        if !ask(question, of: fetch.source.node, for: .source(number), at: now, into: &effects) {
            end(number, nil, at: now, into: &effects)
        }
    }

    mutating func heardSource(
        _ status: PieceStatus, _ bytes: [UInt8], to asked: PieceQuestion, _ number: UInt64, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let step = storage?.fetches[number]?.errand.hear(status.rawValue, bytes, to: asked, using: MixHash())
        else { return }
        switch step {
        case .ask(let next): ask(next, for: number, at: now, into: &effects)
        case .again: set(.askPiece(number, asked), at: now + PieceErrand.pause, into: &effects)
        case .done(let bytes): end(number, bytes, at: now, into: &effects)
        case .failed, .write: end(number, nil, at: now, into: &effects)
        }
    }

    mutating func askAgain(_ number: UInt64, _ question: PieceQuestion, at now: Instant, into effects: inout [Effect]) {
        ask(question, for: number, at: now, into: &effects)
    }

    private mutating func end(_ number: UInt64, _ bytes: [UInt8]?, at now: Instant, into effects: inout [Effect]) {
        guard let fetch = storage?.fetches.removeValue(forKey: number), var rescue = storage?.rescues[fetch.making.root]
        else { return }
        let steps = bytes.map { rescue.took($0, of: fetch.source.shard) } ?? rescue.missed()
        storage?.rescues[fetch.making.root] = rescue
        carryOut(steps, of: fetch.making, at: now, into: &effects)
    }

    // MARK: - What is said on the chain

    private mutating func say(_ action: Action, at now: Instant, into effects: inout [Effect]) {
        storage?.words.add(action)
        sayNext(at: now, into: &effects)
    }

    mutating func sayNext(at now: Instant, into effects: inout [Effect]) {
        guard let view = storage?.view, let body = storage?.words.next(by: view, core) else { return }
        let signature = world.members[id.index].node.sign(body.signedBytes(chain: world.chain))
        guard let verified = world.verified(Transaction(body, signature: signature)) else { return }
        effects.append(.note("storage.words", 1))
        let ticket = number()
        speaking = ticket
        submit(verified, ticket: ticket, at: now, into: &effects)
    }

    /// The pool took a word of this node, or did not.
    mutating func heardWord(isAccepted: Bool, at now: Instant, into effects: inout [Effect]) {
        storage?.words.answered(isAccepted: isAccepted)
        sayNext(at: now, into: &effects)
    }
}

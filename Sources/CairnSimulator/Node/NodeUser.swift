import CairnBase
import CairnLedger
import CairnWire

/// Somebody who uses the network: asks any node what its account needs next, signs, offers the transaction to any node,
/// and believes that it is in when a node says so.
struct NodeUser: Sendable {
    typealias Effect = NodeProcess.Effect

    /// What it does with its account.
    private enum Trade: Sendable {
        /// Pays others.
        case payer
        /// Makes a server a validator, and in time has it leave again.
        case operatorOf(Int, step: Int)
    }

    private enum Waiting: Sendable {
        case nothing
        case account
        case answer(Digest)
    }

    private let world: NodeWorld
    private let id: AccountID
    /// The key that speaks for the account: another one after each change of keys.
    private var key: KeyedHashScheme.SigningKey
    /// The change of keys under way, and the nonce it was ordered under. Nothing else is ordered before it is over.
    private var turning: (nonce: UInt64, next: KeyedHashScheme.SigningKey)?
    /// Keys that this user has made, the first among them.
    private var keysMade = 1
    private let number: Int
    private var trade: Trade
    private var random: SeededRandom
    private var waiting = Waiting.nothing
    /// The next nonce, as far as this user knows.
    private var nonce: UInt64 = 0
    /// Numbers what is waited for: an answer to something earlier is stale, and so is its timer.
    private var round: TimerID = 0
    private let restLimit: TimeSpan

    private static let patience = TimeSpan.seconds(2)
    private static let keysMax = 16

    init(_ world: NodeWorld, _ setup: ProcessSetup) {
        self.world = world
        number = setup.id.index - world.cluster.servers
        let server = world.founders + number
        if server < world.cluster.servers {
            trade = .operatorOf(server, step: 0)
            key = world.members[server].account
        } else {
            trade = .payer
            key = world.purses[number]
        }
        id = key.id
        var random = setup.random
        restLimit = .milliseconds(100 << random.below(5))
        self.random = random
    }

    mutating func handle(_ event: NodeProcess.Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .started: rest(at: now, into: &effects)
        case .timer(round):
            if case .nothing = waiting { ask(at: now, into: &effects) } else { rest(at: now, into: &effects) }
        case .message(_, .account(let account, let height)):
            guard case .account = waiting else { return }
            learn(account, at: height, into: &effects)
            // A node may be behind, or may have forgotten what another was told.
            offer(isSettled: nonce == account?.nonce ?? 0, at: now, into: &effects)
        case .message(_, .submitted(let id, let isAccepted)):
            guard case .answer(id) = waiting else { return }
            answered(isAccepted, into: &effects)
            rest(at: now, into: &effects)
        case .message, .timer, .disk: break
        }
    }

    private mutating func rest(at now: Instant, into effects: inout [Effect]) {
        wait(.nothing, for: random.span(.milliseconds(20), restLimit), at: now, into: &effects)
    }

    private mutating func wait(_ next: Waiting, for time: TimeSpan, at now: Instant, into effects: inout [Effect]) {
        waiting = next
        round += 1
        effects.append(.setTimer(round, at: now + time))
    }

    private mutating func ask(at now: Instant, into effects: inout [Effect]) {
        effects.append(.send(to: anyServer(), .wantAccount(id)))
        wait(.account, for: Self.patience, at: now, into: &effects)
    }

    private mutating func anyServer() -> ProcessID { ProcessID(Int(random.below(UInt64(world.cluster.servers)))) }

    private mutating func learn(_ account: Account?, at height: Height, into effects: inout [Effect]) {
        nonce = max(nonce, account?.nonce ?? 0)
        guard let (ordered, next) = turning, let account, account.nonce > ordered else { return }
        // Something else that was handed in under this nonce came first.
        guard account.rotation?.key == next.publicKey else { return turning = nil }
        guard account.key(of: id, at: height.next) == next.publicKey else { return }
        (key, turning) = (next, nil)
        effects.append(.note("node.rotated", 1))
    }

    private mutating func offer(isSettled: Bool, at now: Instant, into effects: inout [Effect]) {
        guard let action = action(isSettled: isSettled) else { return rest(at: now, into: &effects) }
        let body = Transaction.Body(
            chain: world.chain, sender: id, key: key.publicKey, nonce: nonce,
            fee: Amount(units: 1_000 + random.below(20_000)), expiry: Height(1_000_000), action: action)
        let transaction = Transaction(body, signature: key.sign(body.signedBytes(chain: world.chain)))
        effects.append(.note("node.offers", 1))
        effects.append(.send(to: anyServer(), .submit(transaction)))
        wait(
            .answer(transaction.id(chain: world.chain, using: world.hash)), for: Self.patience, at: now,
            into: &effects)
    }

    /// What comes next; nothing while that has to wait for what was done before.
    private mutating func action(isSettled: Bool) -> Action? {
        if let (ordered, next) = turning { return nonce > ordered ? nil : .rotate(to: next.publicKey) }
        guard case .operatorOf(let server, let step) = trade else {
            if isSettled, keysMade < Self.keysMax, random.chance(ppm: 50_000) { return turn() }
            // Of who owns next to nothing, what comes later could not be paid for.
            return isSettled || world.stranger != number ? transfer() : nil
        }
        guard isSettled else { return nil }
        switch step % 5 {
        case 0: return .bond(Amount(units: 1_000 * Amount.one.units))
        case 1: return .apply(candidacy(of: server))
        case 2: return random.chance(ppm: 200_000) ? .resign : nil
        case 3: return .unbond(Amount(units: 1_000 * Amount.one.units))
        default: return .withdraw
        }
    }

    private mutating func transfer() -> Action {
        let accounts = world.purses.map(\.id) + world.members.map(\.account.id)
        let payee = accounts[Int(random.below(UInt64(accounts.count)))]
        // Now and then more than there is: it fails, and everybody agrees that it fails.
        let amount = random.chance(ppm: 30_000) ? Amount.cap.units : random.below(1_000_000)
        return .transfer(to: payee, amount: Amount(units: amount))
    }

    private mutating func turn() -> Action {
        let next = world.spareKey(keysMade, of: number)
        keysMade += 1
        turning = (nonce, next)
        return .rotate(to: next.publicKey)
    }

    private func candidacy(of server: Int) -> Candidacy {
        let member = world.members[server]
        let body = Candidacy.body(member.keys, of: id)
        return Candidacy(
            keys: member.keys, voteProof: member.vote.sign(body, tag: Candidacy.domain, chain: world.chain),
            nodeProof: member.node.sign(body, tag: Candidacy.domain, chain: world.chain))
    }

    private mutating func answered(_ isAccepted: Bool, into effects: inout [Effect]) {
        if number == world.stranger {
            effects.append(.note(isAccepted ? "node.strangers-paid" : "node.turned-away", 1))
        }
        // Of a change of keys only the chain can say that it is ordered.
        guard isAccepted, turning == nil else { return }
        nonce += 1
        if case .operatorOf(let server, let step) = trade { trade = .operatorOf(server, step: step + 1) }
    }
}

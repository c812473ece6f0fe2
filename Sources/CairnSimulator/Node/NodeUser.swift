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
    private let key: KeyedHashScheme.SigningKey
    private var trade: Trade
    private var random: SeededRandom
    private var waiting = Waiting.nothing
    /// The next nonce, as far as this user knows.
    private var nonce: UInt64 = 0
    /// Numbers what is waited for: an answer to something earlier is stale, and so is its timer.
    private var round: TimerID = 0
    private let restLimit: TimeSpan

    private static let patience = TimeSpan.seconds(2)

    init(_ world: NodeWorld, _ setup: ProcessSetup) {
        self.world = world
        let number = setup.id.index - world.cluster.servers
        let server = world.founders + number
        if server < world.cluster.servers {
            trade = .operatorOf(server, step: 0)
            key = world.members[server].account
        } else {
            trade = .payer
            key = world.purses[number]
        }
        var random = setup.random
        restLimit = .milliseconds(100 << random.below(5))
        self.random = random
    }

    mutating func handle(_ event: NodeProcess.Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .started: rest(at: now, into: &effects)
        case .timer(round):
            if case .nothing = waiting { ask(at: now, into: &effects) } else { rest(at: now, into: &effects) }
        case .message(_, .account(let known, let height)):
            guard case .account = waiting else { return }
            // A node may be behind, or may have forgotten what another was told.
            nonce = max(nonce, known)
            offer(nonce, behind: nonce - known, above: height, at: now, into: &effects)
        case .message(_, .submitted(let id, let isAccepted)):
            guard case .answer(id) = waiting else { return }
            if isAccepted { advance() }
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
        effects.append(.send(to: anyServer(), .wantAccount(key.id)))
        wait(.account, for: Self.patience, at: now, into: &effects)
    }

    private mutating func anyServer() -> ProcessID { ProcessID(Int(random.below(UInt64(world.cluster.servers)))) }

    private mutating func offer(
        _ nonce: UInt64, behind: UInt64, above height: Height, at now: Instant, into effects: inout [Effect]
    ) {
        guard let action = action(isSettled: behind == 0, at: height) else { return rest(at: now, into: &effects) }
        let body = Transaction.Body(
            chain: world.chain, sender: key.id, nonce: nonce, fee: Amount(units: 1_000 + random.below(20_000)),
            expiry: Height(1_000_000), action: action)
        let transaction = Transaction(body, signature: key.sign(body.signedBytes(chain: world.chain)))
        effects.append(.note("node.offers", 1))
        effects.append(.send(to: anyServer(), .submit(transaction)))
        let id = transaction.id(chain: world.chain, using: world.hash)
        wait(.answer(id), for: Self.patience, at: now, into: &effects)
    }

    /// What comes next; nothing while that has to wait for what was done before.
    private mutating func action(isSettled: Bool, at height: Height) -> Action? {
        guard case .operatorOf(let server, let step) = trade else {
            let accounts = world.purses.map(\.id) + world.members.map(\.account.id)
            let payee = accounts[Int(random.below(UInt64(accounts.count)))]
            // Now and then more than there is: it fails, and everybody agrees that it fails.
            let amount = random.chance(ppm: 30_000) ? Amount.cap.units : random.below(1_000_000)
            return .transfer(to: payee, amount: Amount(units: amount))
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

    private func candidacy(of server: Int) -> Candidacy {
        let member = world.members[server]
        let body = Candidacy.body(member.keys, of: key.id)
        return Candidacy(
            keys: member.keys, voteProof: member.vote.sign(body, tag: Candidacy.domain, chain: world.chain),
            nodeProof: member.node.sign(body, tag: Candidacy.domain, chain: world.chain))
    }

    private mutating func advance() {
        nonce += 1
        if case .operatorOf(let server, let step) = trade { trade = .operatorOf(server, step: step + 1) }
    }
}

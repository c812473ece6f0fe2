import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// The UDP side of a node: one socket, the sealed plane above it, and the membership above that.
///
/// What the cores want is carried out at once, and sealed and sent in one batch at the end of the turn. Votes of the
/// chain travel here too: `send(vote:)` either puts one on its way or says that the caller has to use TCP.
final class MeshShell {
    private let loop: EventLoop
    private let log: Logger
    private let chain: ChainID
    private let verifier: Verifier
    private let key: SharedAgreementKey
    /// Signs the content of our record.
    private let sign: ([UInt8]) -> Signature
    private var socket: UDPSocket?
    private(set) var plane: DatagramPlane
    private(set) var membership: Membership
    private var recent: RecentVotes
    /// Messages inside good datagrams that could not be read.
    private(set) var malformed: UInt64 = 0
    /// What a faulty network does to datagrams, where that is tried.
    var gate: FaultGate?
    private(set) var votes = (sent: UInt64(0), heard: UInt64(0), repeated: UInt64(0))

    let local: Endpoint
    /// A member's state has changed.
    var onChange: ((NodeID, Endpoint, Member.State) -> Void)?
    /// A record that its subject signed, and who passed it on.
    var onRecord: ((NodeRecord, NodeID) -> Void)?
    /// A member passed on what is not its subject's. Where it is nobody can tell: it seals its datagrams, and writes on them
    /// whatever source it likes.
    var onOffence: ((NodeID, Offence) -> Void)?
    /// Votes or a proposal from an authenticated peer, not heard from it before; no signature in them was checked yet.
    var onVote: ((NodeID, [UInt8]) -> Void)?

    init(
        on loop: EventLoop, bind endpoint: Endpoint, as node: NodeID, chain: ChainID, limits: Limits, log: Logger,
        sign: @escaping ([UInt8]) -> Signature
    ) throws(SystemError) {
        self.loop = loop
        self.log = log
        self.chain = chain
        self.sign = sign
        verifier = Verifier(chain: chain)
        key = SharedAgreementKey(.generate())
        var socketLimits = UDPSocket.Limits()
        socketLimits.payload = limits.datagrams.largest
        let inbox = Inbox()
        let socket = try UDPSocket(on: loop, bind: endpoint, limits: socketLimits) { source, payload in
            inbox.receive?(source, payload)
        }
        self.socket = socket
        local = socket.local
        recent = RecentVotes(peers: limits.datagrams.peers)
        let unix = Clock.wall().millisecondsSince1970
        let record = Self.record(
            node, key: key.publicKey, chain: chain, sequence: unix,
            at: socket.local.address.isUnspecified ? [] : [socket.local], sign: sign)
        plane = DatagramPlane(
            record: record, key: key, chain: chain, secret: SecureRandom.bytes32(), unixMilliseconds: unix,
            limits: limits.datagrams, at: loop.now)
        var settings = MembershipSettings()
        settings.limits = limits.membership
        membership = Membership(
            own: record, chain: chain, unixMilliseconds: unix, random: SeededRandom(seed: SecureRandom.seed()),
            settings: settings, at: loop.now)
        inbox.receive = { [weak self] source, payload in self?.receive(payload, from: source) }
        loop.atEndOfTurn { [weak self] in self?.give(.flush) }
    }

    /// The socket is made before everything that its datagrams go to.
    private final class Inbox {
        var receive: UDPSocket.Receive?
    }

    func start(seeds: [Endpoint]) { give(.start(seeds: seeds)) }

    var socketCounters: UDPSocket.Counters { socket?.counters ?? UDPSocket.Counters() }

    /// Asks once whose address this is; whoever answers becomes a member.
    func ask(_ endpoint: Endpoint) {
        let question: DatagramInput = .ask(endpoint)
        give(question)
    }

    /// Has nothing to do with these from now on.
    func obey(_ banned: Banned) {
        let input: DatagramInput = .banned(banned)
        give(input)
        give(MembershipInput.banned(banned))
    }

    /// Others are told to look for us there from now on; nowhere means that they use what they see.
    func advertise(_ addresses: [Endpoint]) {
        guard addresses != membership.own.content.addresses else { return }
        renew(max(membership.own.content.sequence &+ 1, Clock.wall().millisecondsSince1970), at: addresses)
    }

    private func renew(_ sequence: UInt64, at addresses: [Endpoint]) {
        let record = Self.record(
            membership.node, key: key.publicKey, chain: chain, sequence: sequence, at: addresses, sign: sign)
        give(.record(record))
        give(.signed(record))
    }

    private static func record(
        _ node: NodeID, key: Bytes32, chain: ChainID, sequence: UInt64, at addresses: [Endpoint],
        sign: ([UInt8]) -> Signature
    ) -> NodeRecord {
        let content = NodeRecord.Content(
            chain: chain, node: node, datagramKey: key, sequence: sequence, addresses: addresses)
        return NodeRecord(content, signature: sign(content.encoded))
    }
}

// MARK: - Votes

extension MeshShell {
    /// Puts votes, or a small proposal, on their way to a peer with whom there is a session. False when there is none, or
    /// they are too long for a datagram. A datagram may be lost, so who needs certainty says the same over TCP.
    func send(vote: [UInt8], to node: NodeID) -> Bool {
        guard vote.count <= DatagramMessage.bodyLimit, plane.hasSession(with: node, at: loop.now) else { return false }
        give(.send(DatagramMessage(.vote, vote), to: node))
        votes.sent += 1
        return true
    }
}

// MARK: - Carrying out

extension MeshShell {
    private func receive(_ payload: RawSpan, from source: Endpoint) {
        if let gate, !gate.admits(from: source.address) { return }
        // SAFETY: the borrowed bytes are copied before the closure returns.
        let bytes = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
        give(.received(bytes, from: source))
    }

    private func give(_ input: consuming DatagramInput) {
        var effects: [DatagramEffect] = []
        plane.handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func give(_ input: consuming MembershipInput) {
        var effects: [MembershipEffect] = []
        membership.handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: DatagramEffect) {
        switch effect {
        case .send(let bytes, let endpoint): send(bytes, to: endpoint)
        case .introduced(let record, let endpoint): give(.introduced(record, at: endpoint))
        case .received(let message, let node, let endpoint): receive(message, from: node, at: endpoint)
        case .setTimer(let instant):
            loop.at(instant) { [weak self] in
                let timer: DatagramInput = .timer
                self?.give(timer)
            }
        case .opened(let node, let endpoint):
            log.debug("sealed", ["node": .id(node), "at": .endpoint(endpoint)])
        case .unreachable(let node): log.debug("no answer", ["node": .id(node)])
        }
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        switch gate?.fate(to: endpoint.address) {
        case nil, .passes: socket?.send(bytes, to: endpoint)
        case .waits(let span): loop.after(span) { [weak self] in self?.socket?.send(bytes, to: endpoint) }
        case .isGone: break
        }
    }

    private func receive(_ message: DatagramMessage, from node: NodeID, at endpoint: Endpoint) {
        switch message.kind {
        case .membership:
            guard let content = try? MembershipMessage.decode(message.body, limit: MembershipMessage.byteLimit) else {
                return malformed += 1
            }
            give(.received(content, from: node, at: endpoint))
        case .vote:
            guard recent.isNew(message.body, from: node) else { return votes.repeated += 1 }
            votes.heard += 1
            onVote?(node, message.body)
        case .pathQuestion, .pathAnswer: break
        }
    }

    private func carryOut(_ effect: MembershipEffect) {
        switch effect {
        case .send(let message, let node):
            // The plane has room for fewer than there are members; one it has forgotten is made known again.
            if !plane.knows(node), let member = membership.members[node] {
                give(.contact(node, key: member.record.content.datagramKey, at: member.endpoint))
            }
            give(.send(DatagramMessage(.membership, message.encoded), to: node))
        case .check(let record, let informant):
            guard let verified = verifier.verify(Claim(record, by: record.node.key)) else {
                malformed += 1
                onOffence?(informant, .forgedRecord)
                return
            }
            give(.checked(verified, from: informant))
            onRecord?(record, informant)
        case .contact(let node, let key, let endpoint): give(.contact(node, key: key, at: endpoint))
        case .forget(let node):
            recent.forget(node)
            give(.forget(node))
        case .ask(let endpoint): give(.ask(endpoint))
        case .sign(let sequence): renew(sequence, at: membership.own.content.addresses)
        case .changed(let node, let endpoint, let state):
            log.info(
                "peer changed",
                ["state": .text(state.rawValue), "node": .text(node.peerID), "at": .endpoint(endpoint)])
            onChange?(node, endpoint, state)
        case .setTimer(let instant):
            loop.at(instant) { [weak self] in
                let timer: MembershipInput = .timer
                self?.give(timer)
            }
        }
    }
}

import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// The ban list of a node and its file. The operator's word is written before anybody is told of it, and so is the first ban in
/// a second; those that follow within the second are written together at its end, for peers must not be able to have us sync a
/// file as often as they like.
final class BanShell {
    private let loop: EventLoop
    private let log: Logger
    private let file: CheckedFile
    private(set) var list: BanList
    /// Whether the file holds what the list does.
    private(set) var isKept = true
    /// From now on these are banned, and nobody else.
    var onChange: ((Banned) -> Void)?
    /// Peers that the operator chose: what they do is told and counted, and nothing follows from it.
    private var chosen: ChosenPeers
    private(set) var spared: UInt64 = 0
    /// How often the file was written, and how many bans waited for the next time.
    private(set) var saves = (done: UInt64(0), joined: UInt64(0))
    private(set) var saved: Instant?
    private var isSaveDue = false

    private let savePause: TimeSpan

    init(
        on loop: EventLoop, at path: String, sparing chosen: ChosenPeers = ChosenPeers([]),
        pausing savePause: TimeSpan = .seconds(1), log: Logger
    ) {
        self.savePause = savePause
        self.loop = loop
        self.log = log
        self.chosen = chosen
        file = CheckedFile(path, DomainTag("cn/bans"), log: log)
        let kept = file.read(BanListContent.self, limit: BanListContent.byteLimit)?.bans ?? []
        list = BanList(kept, unixMilliseconds: Clock.wall().millisecondsSince1970, at: loop.now)
    }

    func start() { handle(.start) }

    /// Writes what waits to be written.
    func stop() { if isSaveDue { save() } }

    /// We dialled this endpoint over TCP, and who answered has proven this name.
    func reached(_ node: NodeID, at endpoint: Endpoint) { chosen.reached(node, at: endpoint) }

    /// In a turn of its own: what is told here comes out of the middle of reading from the peer.
    func offended(_ node: NodeID, _ offence: Offence, at place: IPAddress?) {
        loop.after(.zero) { [weak self] in
            guard let self, !list.banned.forbids(node) else { return }
            let isSpared = chosen.contains(node)
            log.warn(
                "a peer broke the rules",
                ["node": .id(node), "offence": .text(offence.name), "spared": .text(isSpared ? "configured" : "no")])
            guard !isSpared else { return spared += 1 }
            handle(.offended(node, offence, at: place.flatMap { chosen.stand(at: $0) ? nil : $0 }))
        }
    }

    /// Nil when there is no room for it.
    func ban(_ subject: BanSubject, for span: TimeSpan, note: String) -> Ban? {
        handle(.ban(subject, for: span, note: note), isUrgent: true)
        return list.isInForce(subject, at: loop.now) ? list.bans[subject] : nil
    }

    /// False when it is neither banned nor remembered.
    func lift(_ subject: BanSubject) -> Bool {
        let isKnown = list.bans[subject] != nil
        handle(.lift(subject), isUrgent: true)
        return isKnown
    }

    private func handle(_ input: consuming BanListInput, isUrgent: Bool = false) {
        var effects: [BanListEffect] = []
        list.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .save: if isUrgent { save() } else { saveInTime() }
            case .changed(let banned): onChange?(banned)
            case .setTimer(let instant): loop.at(instant) { [weak self] in self?.handle(.timer) }
            }
        }
    }
}

// MARK: - Keeping

extension BanShell {
    private func saveInTime() {
        guard let saved, loop.now < saved + savePause else { return save() }
        saves.joined += 1
        guard !isSaveDue else { return }
        isSaveDue = true
        loop.at(saved + savePause) { [weak self] in
            // One that the operator's word came before is here too early for what has joined since.
            guard let self, isSaveDue, let saved = self.saved, loop.now >= saved + savePause else { return }
            save()
        }
    }

    private func save() {
        (saved, isSaveDue) = (loop.now, false)
        saves.done += 1
        isKept = file.replace(with: BanListContent(list).encoded)
    }
}

// MARK: - Telling

extension BanShell {
    /// The document at `/v1/bans`.
    func document(of node: NodeID) -> JSON {
        [
            "schema": "cairn.bans/1", "node": .string(node.peerID), "kept": .bool(isKept),
            "bans": .array(list.inForce(at: loop.now).map(json)),
        ]
    }

    func json(_ ban: Ban) -> JSON {
        let words = ban.subject.words
        return [
            "subject": .string(words.text), "name": words.name.map { .string($0) } ?? .null,
            "cause": .string(ban.cause.name), "note": .string(ban.note), "times": JSON(ban.times),
            "since": .string(Self.date(ban.since)), "until": .string(Self.date(ban.until)),
            "left_ms": JSON(TimeSpan.seconds(ban.until &- min(ban.until, list.unix(loop.now))).milliseconds),
        ]
    }

    private static func date(_ unix: UInt64) -> String {
        // The last second of the year 9999 is the last that has a date.
        WallTime(millisecondsSince1970: min(unix, 253_402_300_799) * 1_000).rfc3339
    }
}

extension BanSubject {
    /// As people write it: a peer id or an address.
    init?(_ text: String) {
        if let node = try? NodeID(peerID: text) {
            self = .node(node)
        } else if let address = IPAddress(text) {
            self = .address(address)
        } else {
            return nil
        }
    }

    fileprivate var words: (text: String, name: String?) {
        switch self {
        case .node(let node): (node.peerID, NodeName(of: node, using: Blake2b()).description)
        case .address(let address): ("\(address)", nil)
        }
    }
}

extension Ban.Cause {
    var name: String {
        switch self {
        case .owner: "owner"
        case .offence(let offence): offence.name
        case .crowd: "crowd"
        }
    }
}

extension Offence {
    var name: String {
        switch self {
        case .invalidMessages: "invalid-messages"
        case .forgedRecord: "forged-record"
        case .oversizeMessage: "oversize-message"
        case .brokenStreams: "broken-streams"
        case .falseKey: "false-key"
        }
    }
}

import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// The ban list of a node and its file, which is written before anybody is told of a ban.
final class BanShell {
    private let loop: EventLoop
    private let log: Logger
    private let file: CheckedFile
    private(set) var list: BanList
    /// Whether the file holds what the list does.
    private(set) var isKept = true
    /// From now on these are banned, and nobody else.
    var onChange: ((Banned) -> Void)?
    /// Peers that the operator chose: what they do is told and nothing follows from it.
    var isChosen: ((NodeID) -> Bool)?

    init(on loop: EventLoop, at path: String, log: Logger) {
        self.loop = loop
        self.log = log
        file = CheckedFile(path, DomainTag("cn/bans"), log: log)
        let kept = file.read(BanListContent.self, limit: BanListContent.byteLimit)?.bans ?? []
        list = BanList(kept, unixMilliseconds: Clock.wall().millisecondsSince1970, at: loop.now)
    }

    func start() { handle(.start) }

    /// In a turn of its own: what is told here comes out of the middle of reading from the peer.
    func offended(_ node: NodeID, _ offence: Offence, at place: IPAddress?) {
        loop.after(.zero) { [weak self] in
            guard let self, !list.banned.forbids(node) else { return }
            let spared = isChosen?(node) ?? false
            log.warn(
                "a peer broke the rules",
                ["node": .id(node), "offence": .text(offence.name), "spared": .text(spared ? "configured" : "no")])
            if !spared { handle(.offended(node, offence, at: place)) }
        }
    }

    /// Nil when there is no room for it.
    func ban(_ subject: BanSubject, for span: TimeSpan, note: String) -> Ban? {
        handle(.ban(subject, for: span, note: note))
        return list.isInForce(subject, at: loop.now) ? list.bans[subject] : nil
    }

    /// False when it is not banned.
    func lift(_ subject: BanSubject) -> Bool {
        let isInForce = list.isInForce(subject, at: loop.now)
        handle(.lift(subject))
        return isInForce
    }

    private func handle(_ input: consuming BanListInput) {
        var effects: [BanListEffect] = []
        list.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .save: isKept = file.replace(with: BanListContent(list).encoded)
            case .changed(let banned): onChange?(banned)
            case .setTimer(let instant): loop.at(instant) { [weak self] in self?.handle(.timer) }
            }
        }
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

import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// The address book of a node and its file.
///
/// The file is a hint and nothing else rests on it: of one that is damaged nothing is taken and the node begins with an empty
/// book; one that cannot be written is told of, and the node goes on.
final class AddressBookShell {
    private let loop: EventLoop
    private let file: CheckedFile
    private(set) var book: AddressBook<Blake2b>
    /// Try to reach a peer, once.
    var onReach: ((PeerAddress) -> Void)?

    init(on loop: EventLoop, at path: String, of node: NodeID, limits: Limits.Addresses, log: Logger) {
        self.loop = loop
        file = CheckedFile(path, DomainTag("cn/book"), log: log)
        var settings = AddressBookSettings()
        settings.limits = limits
        let unix = Clock.wall().millisecondsSince1970
        let random = SeededRandom(seed: SecureRandom.seed())
        if let content = file.read(AddressBookContent.self, limit: AddressBookContent.byteLimit) {
            book = AddressBook(
                content, of: node, unixMilliseconds: unix, random: random, using: Blake2b(), settings: settings,
                at: loop.now)
        } else {
            book = AddressBook(
                of: node, secret: SecureRandom.bytes32(), unixMilliseconds: unix, random: random, using: Blake2b(),
                settings: settings, at: loop.now)
        }
    }

    func handle(_ input: consuming AddressBookInput) {
        var effects: [AddressBookEffect] = []
        book.handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: AddressBookEffect) {
        switch effect {
        case .reach(let node, let endpoint): onReach?(PeerAddress(node, at: endpoint))
        case .save: save()
        case .setTimer(let instant): loop.at(instant) { [weak self] in self?.handle(.timer) }
        }
    }

    func save() { file.replace(with: book.kept.encoded) }
}

extension AddressBookShell {
    /// What `/v1/peers` says of it.
    var document: JSON {
        [
            "new": JSON(book.newCount), "tried": JSON(book.triedCount), "contests": JSON(book.contestCount),
            "anchors": .array(book.anchors.map(describe)),
            "tries": JSON(book.counters.tries), "feelers": JSON(book.counters.feelers),
            "reached": JSON(book.counters.reached), "failed": JSON(book.counters.failed),
            "refused": JSON(book.counters.overtold + book.counters.unreachable + book.counters.crowdedOut),
        ]
    }

    private func describe(_ node: NodeID) -> JSON {
        [
            "node": .string(node.peerID), "name": .string(NodeName(of: node, using: Blake2b()).description),
            "address": book.entries[node].map { .string($0.endpoint.description) } ?? .null,
        ]
    }
}

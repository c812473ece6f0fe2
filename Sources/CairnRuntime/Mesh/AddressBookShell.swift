import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// The address book of a node and its file.
///
/// The file is a hint and nothing else rests on it: one that is damaged is put aside as a whole and the node begins with an
/// empty book; one that cannot be written is told of once, and the node goes on.
final class AddressBookShell {
    private let loop: EventLoop
    private let path: String
    private let log: Logger
    private(set) var book: AddressBook<Blake2b>
    private(set) var failedWrites: UInt64 = 0
    /// Try to reach a peer, once.
    var onReach: ((PeerAddress) -> Void)?

    private static let tag = DomainTag("cn/book")
    private static var byteLimit: Int { Bytes32.count + AddressBookContent.byteLimit }

    init(on loop: EventLoop, at path: String, of node: NodeID, limits: Limits.Addresses, log: Logger) {
        self.loop = loop
        self.path = path
        self.log = log
        var settings = AddressBookSettings()
        settings.limits = limits
        let unix = Clock.wall().millisecondsSince1970
        let random = SeededRandom(seed: SecureRandom.seed())
        if let content = Self.read(path, log) {
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

    func save() {
        let bytes = book.kept.encoded
        do throws(SystemError) {
            try SmallFile.replace(path, with: Self.check(bytes) + bytes)
        } catch {
            failedWrites += 1
            log.warn("address book not written", ["path": .text(path), "error": .text("\(error)")])
        }
    }

    private static func read(_ path: String, _ log: Logger) -> AddressBookContent? {
        do throws(SystemError) {
            let bytes = try SmallFile.read(path, limit: byteLimit)
            let body = Array(bytes.dropFirst(Bytes32.count))
            if bytes.prefix(Bytes32.count).elementsEqual(check(body)),
                let content = try? AddressBookContent.decode(body, limit: AddressBookContent.byteLimit)
            {
                return content
            }
            log.warn("address book damaged, begun anew", ["path": .text(path)])
        } catch {
            guard !error.isNotFound else { return nil }
            log.warn("address book not read, begun anew", ["path": .text(path), "error": .text("\(error)")])
        }
        return nil
    }

    private static func check(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: Bytes32.count)
        writer.identifier(Blake2b().digest(tag, bytes))
        return writer.bytes
    }
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

import CairnBase
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// The address book: whatever its file holds it opens within its limits and is written as it was read, and whatever it
    /// is told of, it stays within them, forgets nobody it was promised, and dials only what it knows.
    static let addressBook = FuzzTarget("addressbook", mutations: 2_000) { bytes in
        var settings = AddressBookSettings()
        (settings.limits.newBuckets, settings.limits.triedBuckets, settings.limits.bucketSlots) = (8, 4, 4)
        settings.limits.newBucketsPerSource = 4
        (settings.limits.learnedBurst, settings.informants, settings.contests) = (20, 4, 2)
        let random = SeededRandom(seed: 1)
        if let content = try? AddressBookContent.decode(bytes, limit: bytes.count) {
            try require(content.encoded == bytes, "a book has two encodings")
            let book = AddressBook(
                content, of: NodeID(.zero), unixMilliseconds: 1_000, random: random, using: Mixing(),
                settings: settings, at: .origin)
            try require(book.entries.count <= content.entries.count, "a book grew as it was read")
            try bound(book, settings)
            let again = AddressBook(
                book.kept, of: NodeID(.zero), unixMilliseconds: 1_000, random: random, using: Mixing(),
                settings: settings, at: .origin)
            try require(again.kept.encoded == book.kept.encoded, "a book is another one after a restart")
        }
        var book = AddressBook(
            of: NodeID(.zero), secret: .zero, unixMilliseconds: 1_000, random: random, using: Mixing(),
            settings: settings, at: .origin)
        try live(&book, bytes, settings)
    }

    /// Each step is a byte for what happens, one for how long after the last, one for whom, and an address.
    private static func live(
        _ book: inout AddressBook<Mixing>, _ bytes: [UInt8], _ settings: AddressBookSettings
    ) throws {
        var reader = ByteReader(bytes.span.bytes)
        var now = Instant.origin
        var effects: [AddressBookEffect] = []
        while let kind = try? reader.u8(), let pause = try? reader.u8(), let number = try? reader.u8(),
            let endpoint = try? Endpoint(from: &reader)
        {
            now = now + .seconds(UInt64(pause) * UInt64(pause))
            let node = NodeID(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero)
            let informant = NodeID(Bytes32([UInt8](repeating: kind, count: 32)) ?? .zero)
            effects.removeAll(keepingCapacity: true)
            switch kind % 8 {
            case 0: book.handle(.start, at: now, into: &effects)
            case 1: book.handle(.reached(node, at: endpoint), at: now, into: &effects)
            case 2: book.handle(.failed(node), at: now, into: &effects)
            case 3: book.handle(.joined(node, at: endpoint, isOutbound: kind & 8 == 0), at: now, into: &effects)
            case 4: book.handle(.left(node), at: now, into: &effects)
            case 5:
                var banned = Banned()
                if kind & 8 == 0 { banned.nodes.insert(node) } else { banned.addresses.insert(endpoint.address) }
                book.handle(.banned(banned), at: now, into: &effects)
            case 6: book.handle(.timer, at: now, into: &effects)
            default:
                book.handle(
                    .learned(node, at: endpoint, from: informant, source: endpoint.address), at: now, into: &effects)
            }
            try bound(book, settings)
            for case .reach(let wanted, let place) in effects {
                try require(book.entries[wanted]?.endpoint == place, "it dials whom it does not know")
            }
            try require(effects.count <= 8, "\(effects.count) effects of one event")
        }
    }

    private static func bound(_ book: AddressBook<Mixing>, _ settings: AddressBookSettings) throws {
        let limits = settings.limits
        try require(book.newCount <= limits.newBuckets * limits.bucketSlots, "\(book.newCount) new addresses")
        try require(book.triedCount <= limits.triedBuckets * limits.bucketSlots, "\(book.triedCount) tried addresses")
        try require(book.entries.count == book.newCount + book.triedCount, "an address stands nowhere")
        try require(book.contestCount <= settings.contests, "\(book.contestCount) contests")
        try require(book.anchors.count <= settings.anchors, "\(book.anchors.count) anchors")
    }
}

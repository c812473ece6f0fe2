import CairnBase
import Testing

@testable import CairnTransport

/// A slow book of every connection, kept from what the switchboard was told and what it answered, by somebody who knows
/// the rules and not the code.
private struct Book {
    struct Entry {
        var from: Endpoint
        var isInbound: Bool
        var isChosen: Bool
        var peer: NodeID?
        var isMember = false
        var isStranger = false
        var isOver = false
        /// Whom it visits.
        var visited: NodeID?
    }

    /// Who is to be visited by the step that is under way.
    var visiting: NodeID?

    var entries: [LinkID: Entry] = [:]
    var connected: Set<NodeID> = []
    var lastEnd: [NodeID: Instant] = [:]
    var places: [NodeID: Endpoint] = [:]

    func open(_ matches: (Entry) -> Bool = { _ in true }) -> Int { entries.values.count { !$0.isOver && matches($0) } }

    func check(_ limits: Limits.Connections, _ step: String) {
        #expect(open { $0.isInbound && $0.peer != nil } <= limits.inbound, "\(step)")
        #expect(open { $0.isStranger } <= limits.strangers, "\(step)")
        #expect(open { !$0.isInbound && $0.isChosen } <= limits.outbound, "\(step)")
        for entry in entries.values where !entry.isOver {
            // Links we dialled count for their address, and may come on top of those that came from it.
            #expect(
                open { $0.isInbound && $0.from.address == entry.from.address } <= limits.perAddress, "\(step)")
            #expect(
                open { $0.isInbound && $0.from.address.subnet == entry.from.address.subnet }
                    <= limits.inboundPerSubnet24, "\(step)")
            if let peer = entry.peer { #expect(open { $0.peer == peer } == 1, "\(step)") }
            if !entry.isInbound, entry.isChosen {
                let district = entry.from.address.district
                let same = open { !$0.isInbound && $0.isChosen && $0.from.address.district == district }
                #expect(same <= limits.outboundPerSubnet16, "\(step)")
            }
        }
        for node in connected { #expect(open { $0.peer == node && $0.isMember } == 1, "\(step)") }
        #expect(open { $0.isMember } == connected.count, "\(step)")
    }
}

@Suite struct SwitchboardModelTests {
    /// Anything may happen in any order, with few addresses and few peers so that all limits are met.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func theRulesHoldWhateverHappens(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var limits = Limits.Connections()
        (limits.inbound, limits.outbound, limits.strangers, limits.protectedPerMerit) = (6, 3, 2, 1)
        (limits.handshakes, limits.inboundPerSubnet24) = (5, 4)
        (limits.handshakesPerSecond, limits.handshakesPerSecondPerAddress) = (1_000, 1_000)
        var board = Switchboard(peer(0), limits: limits, random: SeededRandom(seed: seed))
        var book = Book()
        var now = Instant.origin + .seconds(100)
        for step in 0..<400 {
            now = now + .milliseconds(random.below(step % 50 == 0 ? 40_000 : 400))
            let input = chance(&random, &board, book)
            var effects: [Switchboard.Effect] = []
            board.handle(input, at: now, into: &effects)
            note(input, in: &book, at: now)
            for effect in effects { note(effect, in: &book, at: now, limits) }
            book.check(limits, "seed \(seed) step \(step): \(input) gave \(effects)")
        }
    }

    private func peer(_ number: UInt64) -> NodeID {
        NodeID(Bytes32([UInt8](repeating: UInt8(number), count: 32)) ?? .zero)
    }

    private func place(_ random: inout SeededRandom) -> Endpoint {
        let (a, b, c) = (1 + random.below(4), random.below(2), random.below(3))
        return Endpoint(IPAddress(v4: UInt32(a << 24 | b << 8 | c)), port: 7470)
    }

    private func chance(_ random: inout SeededRandom, _ board: inout Switchboard, _ book: Book) -> Switchboard.Input {
        let known = book.entries.keys.sorted().suffix(30)
        let some = known.isEmpty ? nil : known[known.startIndex + Int(random.below(UInt64(known.count)))]
        switch (random.below(14), some) {
        case (0...2, _), (_, nil): return .arrived(board.newLink(), from: place(&random))
        case (3, _):
            let target = 1 + random.below(9)
            return .keep(PeerAddress(peer(target), at: place(&random)), isConfigured: target > 7)
        case (4, _): return .forget(peer(1 + random.below(9)))
        case (5...6, let id?):
            return .established(id, board.dialled(by: id) ?? peer(random.below(10)))
        case (7...8, let id?): return .introduced(id)
        case (9, let id?): return .strange(id)
        case (11, _): return .visit(PeerAddress(peer(1 + random.below(9)), at: place(&random)))
        case (12, _): return .leave(peer(1 + random.below(9)))
        case (10, let id?): return .ended(id, random.chance(ppm: 200_000) ? .misfit : .broken)
        default: return .timer
        }
    }

    private func note(_ input: Switchboard.Input, in book: inout Book, at now: Instant) {
        book.visiting = nil
        switch input {
        case .visit(let address): book.visiting = address.node
        case .leave(let node):
            // What is not closed now takes a slot.
            for (id, entry) in book.entries where entry.visited == node {
                book.entries[id]?.visited = nil
                book.entries[id]?.isChosen = true
            }
        case .arrived(let id, let from): book.entries[id] = .init(from: from, isInbound: true, isChosen: false)
        case .established(let id, let node):
            if book.entries[id]?.peer == nil { book.entries[id]?.peer = node }
        case .strange(let id):
            guard let entry = book.entries[id], entry.peer != nil, !entry.isMember else { return }
            book.entries[id]?.isStranger = true
        case .ended(let id, _):
            guard let entry = book.entries.removeValue(forKey: id) else { return }
            if let node = entry.peer { book.lastEnd[node] = now }
        // Who moved, or is wanted anew, is looked for without a pause.
        case .forget(let node): book.places[node] = nil
        case .keep(let address, _):
            if book.places[address.node] != address.endpoint { book.lastEnd[address.node] = nil }
            book.places[address.node] = address.endpoint
        default: break
        }
    }

    private func note(
        _ effect: Switchboard.Effect, in book: inout Book, at now: Instant, _ limits: Limits.Connections
    ) {
        switch effect {
        case .dial(let id, let address):
            #expect(!book.connected.contains(address.node))
            #expect(book.open { $0.peer == address.node } == 0)
            if book.visiting == address.node {
                book.visiting = nil
                book.entries[id] = .init(
                    from: address.endpoint, isInbound: false, isChosen: false, visited: address.node)
                return
            }
            if let last = book.lastEnd[address.node] { #expect(now.since(last) >= limits.firstPause) }
            let isConfigured = address.node >= peer(8)
            book.entries[id] = .init(from: address.endpoint, isInbound: false, isChosen: !isConfigured)
        case .refuse(let id, _): book.entries[id] = nil
        case .close(let id, _): book.entries[id]?.isOver = true
        case .connected(let node, let id):
            let isNew = book.connected.insert(node).inserted
            #expect(isNew)
            book.entries[id]?.isMember = true
            book.entries[id]?.isStranger = false
        case .disconnected(let node):
            let was = book.connected.remove(node)
            #expect(was != nil)
        case .setTimer(let instant): #expect(instant > now)
        }
    }
}

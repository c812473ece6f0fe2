import CairnBase
import CairnConsensus

/// A gap in the chain: the blocks above one that is known, up to one that is proven final.
///
/// Headers come from the top down, each proven by its child's digest, and must end at the known block. They say how large
/// each payload is and what its digest is, so a payload is believed from anyone, and asking for a range is never a guess.
struct Stretch: Sendable {
    enum Slot: Sendable {
        case missing
        case asked
        case held(Payload)
    }

    /// What came of headers.
    enum Joined: Equatable {
        case good
        /// They are not what the digests say: whoever sent them lied.
        case untrue
        /// They lead to another block than the one that is final below: a third of the stake has lied.
        case fork
    }

    let target: VerifiedFinality
    let base: Height
    private let baseBlock: Digest
    /// While headers are on their way the highest is first; once all are there the lowest is.
    private var headers: [Header]
    private(set) var slots: [Slot] = []
    private var cursor: Digest
    private(set) var hasAllHeaders = false
    var isAsking = false

    /// Nil when there is nothing between the two.
    init?(from base: Height, _ baseBlock: Digest, to target: VerifiedFinality) {
        guard target.header.height > base else { return nil }
        self.target = target
        self.base = base
        self.baseBlock = baseBlock
        headers = [target.header]
        cursor = target.header.parent
    }

    /// The headers to ask for next, unless that is being done.
    var wantedHeaders: HistoryRequest? {
        guard !hasAllHeaders, !isAsking else { return nil }
        let last = target.header.height.preceding(by: UInt64(headers.count))
        return .headers(last: last, count: Int(min(last.number - base.number, UInt64(HistoryRequest.itemLimit))))
    }

    /// Takes headers, highest first, that must continue downwards.
    mutating func join(_ range: [Header], using hash: some HashFunction) -> Joined {
        for header in range {
            let height = target.header.height.preceding(by: UInt64(headers.count))
            guard height > base, header.height == height, header.digest(using: hash) == cursor else { return .untrue }
            headers.append(header)
            cursor = header.parent
        }
        return completeIfWhole()
    }

    /// To be asked once after making: a stretch of one block needs no headers.
    mutating func completeIfWhole() -> Joined {
        guard !hasAllHeaders, UInt64(headers.count) == target.header.height.number - base.number else { return .good }
        guard cursor == baseBlock else { return .fork }
        hasAllHeaders = true
        headers.reverse()
        slots = headers.map { $0.payload.size == 0 ? .held(.empty) : .missing }
        return .good
    }

    func wantsPayloads(upTo limit: Height) -> Bool {
        slots.indices.first { isMissing($0) }.map { height(of: $0) <= limit } ?? false
    }

    /// The next payloads to ask for: a run of missing ones that one answer can carry, from the first missing up to
    /// `limit`.
    mutating func wantPayloads(upTo limit: Height) -> (request: HistoryRequest, bytes: Int)? {
        guard let first = slots.indices.first(where: { isMissing($0) }), height(of: first) <= limit else { return nil }
        var (next, bytes) = (first, 0)
        while next < slots.count, isMissing(next), next - first < HistoryRequest.itemLimit, height(of: next) <= limit {
            let size = Int(headers[next].payload.size)
            guard next == first || bytes + size <= HistoryRequest.answerBytes else { break }
            bytes += size
            slots[next] = .asked
            next += 1
        }
        return (.payloads(first: height(of: first), count: next - first), bytes)
    }

    /// Gives up waiting for a range of payloads.
    mutating func release(_ first: Height, _ count: Int) {
        for place in places(first, count) { if case .asked = slots[place] { slots[place] = .missing } }
    }

    /// Takes a whole range of payloads; false when one is missing or is not what its header says.
    mutating func join(_ payloads: [Payload], from first: Height, count: Int, using hash: some HashFunction) -> Bool {
        let places = places(first, count)
        guard payloads.count == places.count else { return false }
        for (place, payload) in zip(places, payloads) where payload.reference(using: hash) != headers[place].payload {
            return false
        }
        for (place, payload) in zip(places, payloads) { slots[place] = .held(payload) }
        return true
    }

    /// The block at a height, when it is whole.
    func block(at height: Height) -> Block? {
        guard hasAllHeaders, height > base, height <= target.header.height else { return nil }
        let place = Int(height.number - base.number) - 1
        guard case .held(let payload) = slots[place] else { return nil }
        return Block(header: headers[place], payload: payload)
    }

    /// Forgets a payload that has been handed on.
    mutating func drop(_ height: Height) {
        let place = Int(height.number - base.number) - 1
        if slots.indices.contains(place) { slots[place] = .held(.empty) }
    }

    func contains(_ height: Height) -> Bool { height > base && height <= target.header.height }

    private func isMissing(_ place: Int) -> Bool { if case .missing = slots[place] { true } else { false } }

    private func height(of place: Int) -> Height { base.advanced(by: UInt64(place) + 1) }

    private func places(_ first: Height, _ count: Int) -> Range<Int> {
        guard first > base else { return 0..<0 }
        let start = Int(first.number - base.number) - 1
        return min(start, slots.count)..<min(start + count, slots.count)
    }
}

public import CairnBase

/// Draws members by weight until there are enough that have nothing in common: holders of an object, witnesses of a
/// round.
///
/// A client cannot pick its own providers, and a provider not its objects: who comes next follows from randomness that
/// was not known when the order was placed.
public struct IndependentDraw: Sendable {
    /// Someone who may be drawn. Two that share a trait are never drawn together.
    public struct Candidate: Sendable, Hashable {
        public let index: UInt32
        public let weight: UInt64
        /// Such as a stake root, a network, a cell, a controller; values of different kinds never meet.
        public let traits: [Trait]

        public init(index: UInt32, weight: UInt64, traits: [Trait]) {
            self.index = index
            self.weight = weight
            self.traits = traits
        }
    }

    public struct Trait: Sendable, Hashable {
        public enum Kind: UInt8, Sendable, Hashable { case stakeRoot, controller, network, cell }
        public let kind: Kind
        public let value: Digest

        public init(_ kind: Kind, _ value: Digest) {
            self.kind = kind
            self.value = value
        }
    }

    /// After so many draws without enough members the order fails.
    public static let attempts: UInt32 = 256

    public static let placement = DomainTag("cn/place")
    public static let witnesses = DomainTag("cn/wsel")

    private let candidates: [Candidate]
    private let cumulative: [UInt64]

    /// Nil if the weights add up to nothing or to more than 64 bits. The order of candidates is part of the draw.
    public init?(_ candidates: [Candidate]) {
        var total: UInt64 = 0
        var cumulative: [UInt64] = []
        for candidate in candidates {
            let (sum, overflow) = total.addingReportingOverflow(candidate.weight)
            guard !overflow else { return nil }
            total = sum
            cumulative.append(total)
        }
        guard total > 0 else { return nil }
        self.candidates = candidates
        self.cumulative = cumulative
    }

    /// The first `count` independent members in the order they were drawn; nil when the attempts did not suffice.
    ///
    /// `excluded` holds the traits of whoever it is about.
    public func members(
        _ count: Int, tag: DomainTag, randomness: Digest, height: UInt64, subject: Digest, excluding excluded: [Trait],
        using hash: some HashFunction
    ) -> [Candidate]? {
        var taken = excluded
        var members: [Candidate] = []
        var attempt: UInt32 = 0
        while members.count < count {
            guard attempt < Self.attempts else { return nil }
            let bytes = subject.raw.bytes + (0..<4).map { UInt8(truncatingIfNeeded: attempt >> (8 * UInt32($0))) }
            let draw = hash.draw(tag, randomness, at: height, for: bytes)
            attempt += 1
            let candidate = candidates[self.index(of: draw.scaledDraw(below: cumulative.last ?? 0))]
            let isKnown = members.contains { $0.index == candidate.index }
            guard !isKnown, !candidate.traits.contains(where: taken.contains) else { continue }
            members.append(candidate)
            taken += candidate.traits
        }
        return members
    }

    /// The first candidate whose cumulative weight is above `point`.
    private func index(of point: UInt64) -> Int {
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

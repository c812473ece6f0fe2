import CairnBase

/// Who of many true witnesses counts: drawn with randomness that did not exist when they could still act.
///
/// One per stake root, controller and network. The trusted come first, so that nobody can push them out by making
/// names; within a class the lottery decides, so being fast or many buys nothing.
public enum Selection {
    public struct Candidate: Sendable {
        public let index: UInt32
        public let member: Member
        public let draw: UInt64

        public init(index: UInt32, member: Member, draw: UInt64) {
            self.index = index
            self.member = member
            self.draw = draw
        }
    }

    public struct Result: Sendable, Equatable {
        /// Ascending.
        public var seats: [UInt32] = []
        /// Another of the same root, controller or network counts.
        public var doubles: [UInt32] = []
        /// True, but the seats were taken.
        public var spare: [UInt32] = []

        public init() {}
    }

    public static func seats(_ candidates: [Candidate], most: Int) -> Result {
        let ordered = candidates.sorted { left, right in
            if left.member.isTrusted != right.member.isTrusted { return left.member.isTrusted }
            return left.draw != right.draw ? left.draw < right.draw : left.member.id < right.member.id
        }
        var result = Result()
        var roots = OrderedSet<AccountID>()
        var controllers = OrderedSet<AccountID>()
        var networks = OrderedSet<UInt64>()
        for candidate in ordered {
            let member = candidate.member
            guard !roots.contains(member.stakeRoot), !controllers.contains(member.controller),
                !networks.contains(member.network)
            else {
                result.doubles.append(candidate.index)
                continue
            }
            roots.insert(member.stakeRoot)
            controllers.insert(member.controller)
            networks.insert(member.network)
            if result.seats.count < most {
                result.seats.append(candidate.index)
            } else {
                result.spare.append(candidate.index)
            }
        }
        result.seats.sort()
        return result
    }
}

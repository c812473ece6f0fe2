import CairnBase
import CairnConsensus

/// The way from what is trusted to the newest epoch that anybody can show.
extension SnapshotSync {
    /// How long more peers are waited for while fewer than `enough` are there.
    static var patience: TimeSpan { .seconds(5) }
    private static var enough: Int { 4 }
    static var followingTime: TimeSpan { .seconds(60) }

    mutating func followed(_ check: HandoffCheck, at now: Instant, into effects: inout [Effect]) {
        handoffs = (handoffs + checking.prefix(check.found.count)).suffix(2)
        checking = []
        if check.guide.epoch > guide.epoch {
            guide = check.guide
            exhausted = []
        }
        if !check.isWhole { distrust(check.peer, at: now, into: &effects) }
    }

    /// One peer at a time is asked what comes next, each in its turn, until nobody has anything.
    mutating func follow(at now: Instant, into effects: inout [Effect]) {
        guard checking.isEmpty, asked.isEmpty else { return }
        if now < deadline {
            if let place = peers.firstIndex(where: { !exhausted.contains($0) }) {
                let peer = peers.remove(at: place)
                peers.append(peer)
                return ask(.handoffs(from: guide.epoch), of: peer, into: &effects)
            }
            guard peers.count >= Self.enough || now >= patient else { return }
        }
        if let ending { return end(ending, into: &effects) }
        chooseAnew(at: now, into: &effects)
    }

    /// Why nothing is to be fetched now that nobody leads any further.
    private var ending: Ending? {
        guard guide.hasPassedLandmark else { return .checkpointNotReached(trusted) }
        if peers.isEmpty { return .nobodyThere }
        let age = guide.epoch.number - min(trusted.number, guide.epoch.number)
        if let bound = terms.boundEpochs, age >= bound { return .staleTrust(epochs: age) }
        guard let base, base.height.number >= terms.worthwhile else {
            return .shortChain(guide.last?.header.height ?? .genesis)
        }
        return barren == guide.epoch ? .nobodyHasOne(base.height) : nil
    }

    /// The state after the first of the two newest handoffs' blocks, as the header of the second names it.
    var base: (height: Height, block: Digest, root: Digest)? {
        guard handoffs.count == 2 else { return nil }
        let header = handoffs[0].last.header
        return (header.height, header.digest(using: hash), handoffs[1].last.header.startState)
    }
}

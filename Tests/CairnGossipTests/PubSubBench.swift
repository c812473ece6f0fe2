import CairnBase

@testable import CairnGossip

/// Node 0 with some peers whose envelopes the test writes itself.
struct PubSubBench {
    static let topic = PubSubNetwork.topic

    var core = PubSub(as: PubSubNetwork.node(0), random: SeededRandom(seed: 1), at: .origin)
    var now = Instant.origin
    var effects: [PubSubEffect] = []

    init(peers: Int, outbound: Bool = false) {
        core.handle(.subscribe(Self.topic, TopicSettings()), at: now, into: &effects)
        core.handle(.start, at: now, into: &effects)
        for index in 0..<peers { join(1 + index, outbound: outbound) }
    }

    mutating func join(_ index: Int, outbound: Bool = false, isOfOurs: Bool = true, from endpoint: Endpoint? = nil) {
        let traits = PubSubPeer(.gossipsub12, isOutbound: outbound, isOfOurs: isOfOurs, endpoint: endpoint)
        give(.joined(PubSubNetwork.node(index), traits))
    }

    mutating func give(_ input: PubSubInput) { core.handle(input, at: now, into: &effects) }

    @discardableResult
    mutating func hear(_ index: Int, _ write: (inout GossipEnvelope) -> Void) -> [PubSubEffect] {
        effects = []
        var envelope = GossipEnvelope()
        write(&envelope)
        give(.received(envelope, from: PubSubNetwork.node(index)))
        return effects
    }

    mutating func wait(_ span: TimeSpan) {
        let end = now + span
        while now < end {
            now = min(now + .milliseconds(10), end)
            give(.timer)
        }
    }

    func score(_ index: Int) -> Int { core.score.value(of: PubSubNetwork.node(index)) }

    func said(_ index: Int) -> [GossipEnvelope] {
        effects.compactMap {
            if case .send(let envelope, let peer) = $0, peer == PubSubNetwork.node(index) { envelope } else { nil }
        }
    }
}

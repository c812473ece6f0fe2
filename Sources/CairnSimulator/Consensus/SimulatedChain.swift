import CairnBase
import CairnConsensus

/// The blocks a node has executed, with the finalizations that made them final: the part of a ledger that consensus
/// and the checkers need.
struct SimulatedChain: Sendable {
    private(set) var blocks: [Block] = []
    /// How each commit ended, by the height of its last block; without the blocks.
    private(set) var commits = OrderedMap<Height, Episode>()
    /// What ended each epoch.
    private(set) var ends = OrderedMap<Epoch, Certificate>()
    /// A running hash over everything executed.
    private(set) var stateRoot = Digest.zero
    /// That hash where epochs begin.
    private var startStates = OrderedMap<Epoch, Digest>()
    private var digests = OrderedMap<Digest, Int>()

    var height: Height { Height(UInt64(blocks.count)) }

    func block(_ digest: Digest) -> Block? { digests[digest].map { blocks[$0] } }

    mutating func execute(_ episode: Episode, in world: ConsensusWorld) {
        for block in episode.blocks {
            invariant(block.header.height == height.next, "blocks are executed in the order of their heights")
            digests[block.header.digest(using: world.hash)] = blocks.count
            blocks.append(block)
            stateRoot = world.hash.digest(
                DomainTag("sim/state"), stateRoot.raw.bytes + block.header.payload.digest.raw.bytes)
        }
        commits[height] = Episode(blocks: [], finalization: episode.finalization, path: episode.path)
        if height.number.isMultiple(of: world.parameters.epochLength), let last = blocks.last {
            ends[last.header.epoch] = episode.finalization
            startStates[last.header.epoch.next] = stateRoot
        }
    }

    /// The epoch that the chain is in, and what it starts from.
    func plan(in world: ConsensusWorld) -> EpochPlan {
        let length = world.parameters.epochLength
        let epoch = height.number / length
        guard epoch > 0 else { return world.firstPlan }
        return world.plan(
            Epoch(epoch), startState: startStates[Epoch(epoch)] ?? .zero,
            middle: randomness(at: (epoch - 1) * length + length / 2, in: world),
            anchor: anchor(at: epoch * length, in: world))
    }

    func anchor(at height: UInt64, in world: ConsensusWorld) -> Anchor {
        let header = blocks[Int(height) - 1].header
        return Anchor(
            block: header.digest(using: world.hash), height: header.height, time: header.time,
            randomness: header.randomness.next(using: world.hash))
    }

    private func randomness(at height: UInt64, in world: ConsensusWorld) -> Digest {
        guard height > 0 else { return Randomness.origin(of: world.chain, using: world.hash) }
        return blocks[Int(height) - 1].header.randomness.next(using: world.hash)
    }

    /// Final blocks from a height on, as many as go with one finalization: at most 256, and of one epoch.
    func history(from height: Height, epochLength: UInt64) -> Episode? {
        guard height.number >= 1 else { return nil }
        let endOfEpoch = ((height.number - 1) / epochLength + 1) * epochLength
        let upper = min(height.advanced(by: 255), Height(endOfEpoch))
        guard let (last, commit) = commits.entry(atOrBefore: upper), last >= height else { return nil }
        var episode = commit
        episode.blocks = Array(blocks[Int(height.number - 1)..<Int(last.number)])
        return episode
    }
}

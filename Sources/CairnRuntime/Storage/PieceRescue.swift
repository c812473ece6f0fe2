import CairnBase
import CairnStorage

/// One piece on its way back in the real world: it is made, on the shelf's thread, from what the others give.
final class PieceRescue {
    private let network: PeerNetwork
    private let pieces: PieceService
    private var core: Rescue
    private var done: ((PieceRescue, Bool) -> Void)?
    // ORDER: only kept alive here.
    private var transfers: [ObjectIdentifier: PieceTransfer] = [:]

    /// For one piece of one holder.
    private static let patience = TimeSpan.seconds(120)

    init(
        _ network: PeerNetwork, _ pieces: PieceService, _ making: Making,
        done: @escaping (PieceRescue, Bool) -> Void
    ) {
        self.network = network
        self.pieces = pieces
        self.done = done
        let members = Set(network.members)  // ORDER: asked for membership only
        core = Rescue(making) { members.contains($0.node) }
    }

    func start() { carryOut(core.begin()) }

    private func carryOut(_ steps: [Rescue.Step]) {
        for step in steps {
            switch step {
            case .fetch(let source): fetch(source)
            case .make(let found):
                pieces.perform(.make(core.making, from: found)) { [weak self] answer in
                    guard case .isThere(let isThere) = answer else { self?.end(false); return }
                    self?.end(isThere)
                }
            case .fail: end(false)
            }
        }
    }

    private func fetch(_ source: Making.Source) {
        let transfer = PieceTransfer(network, .read, source.name, with: source.node) { [weak self] transfer, result in
            guard let self, transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
            switch result {
            case .success(let bytes): carryOut(core.took(bytes, of: source.shard))
            case .failure: carryOut(core.missed())
            }
        }
        transfers[ObjectIdentifier(transfer)] = transfer
        network.loop.after(.zero) { transfer.start(within: Self.patience) }
    }

    private func end(_ isDone: Bool) {
        for transfer in transfers.values { transfer.cancel() }
        transfers.removeAll()
        // Not in this call: whoever started it may still be at it.
        network.loop.after(.zero) { [self] in
            done?(self, isDone)
            done = nil
        }
    }
}

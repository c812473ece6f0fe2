import CairnBase
import CairnStorage

/// One piece on its way back: enough others are fetched, and from them it is made on the shelf's thread.
final class PieceRescue {
    private let network: PeerNetwork
    private let pieces: PieceService
    private let making: Making
    private var done: ((PieceRescue, Bool) -> Void)?
    private var sources: ArraySlice<Making.Source>
    private var found: [(shard: Int, bytes: [UInt8])] = []
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
        self.making = making
        self.done = done
        let members = Set(network.members)  // ORDER: asked for membership only
        sources = making.sources.filter { members.contains($0.node) }[...]
    }

    func start() {
        for _ in 0..<making.code.needed { fetchNext() }
    }

    private func fetchNext() {
        guard let source = sources.popFirst() else {
            // What is under way is not enough.
            if transfers.count + found.count < making.code.needed { end(false) }
            return
        }
        let transfer = PieceTransfer(network, .read, source.name, with: source.node) { [weak self] transfer, result in
            guard let self, transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
            switch result {
            case .success(let bytes): take(bytes, of: source.shard)
            case .failure: fetchNext()
            }
        }
        transfers[ObjectIdentifier(transfer)] = transfer
        network.loop.after(.zero) { transfer.start(within: Self.patience) }
    }

    private func take(_ bytes: [UInt8], of shard: Int) {
        found.append((shard, bytes))
        guard found.count == making.code.needed else { return }
        pieces.perform(.make(making, from: found)) { [weak self] answer in
            guard case .isThere(let isThere) = answer else { self?.end(false); return }
            self?.end(isThere)
        }
        found = []
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

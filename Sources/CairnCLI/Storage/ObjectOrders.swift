import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

/// Has segments held for pay: each is an object of its own on the chain, whose holders the chain draws.
final class ObjectOrders {
    private let session: Session
    private let client: NodeClient
    private let chain: ChainID
    private let identity: AccountIdentity
    private let price: Amount
    private let epochs: UInt64

    /// For what a shard costs in an epoch, for so many epochs.
    init(_ session: Session, price: Amount, epochs: UInt64) throws(Failure) {
        self.session = session
        self.price = price
        self.epochs = epochs
        client = try NodeFinder(session).find()
        chain = try client.chain()
        let storage = try KeyStorage(session)
        let name = KeyKind.account.rawValue
        identity = AccountIdentity(seed: try storage.seed(of: storage.load(name), name, session))
    }

    /// Who may be drawn, as far as this home's node can reach them.
    func reachable() throws(Failure) -> [PeerAddress] { try client.pieceHolders() }

    /// Orders a segment and waits until its holders are drawn: one for each shard, in their order. What was ordered at an earlier
    /// time, if the chain has it, is not ordered again; what is ordered now is told before.
    func open(
        _ code: ErasureCode, _ list: PieceList, units: Int, earlier: Digest?,
        begun: (Digest) throws(Failure) -> Void
    ) throws(Failure) -> (id: Digest, holders: [NodeID]) {
        if let earlier, try isOrdered(earlier, list) { return (earlier, try holders(of: earlier, list, code)) }
        let account = try client.account(identity.id)
        // Beside the price, what it costs the holders to say that they have their shards.
        guard let perEpoch = price.times(UInt64(code.total)), let words = account.feeMin.times(UInt64(code.total)),
            let deposit = perEpoch.times(epochs)?.adding(words),
            let order = ObjectOrder(
                profile: .storageHot, root: list.root(using: Blake2b()), shards: UInt8(clamping: code.total),
                needed: UInt8(clamping: code.needed), units: UInt32(clamping: units), price: price, deposit: deposit)
        else { throw Failure(.badValue, "the chain takes no order of \(code.needed) of \(code.total) for that price") }
        let id = ObjectOrder.id(
            chain: chain, owner: identity.id, sequence: account.document["objects"]?.integer() ?? 0, using: Blake2b())
        try begun(id)
        try carryOut(.open(order))
        return (id, try holders(of: id, list, code))
    }

    /// An order that was on its way when its sender was stopped may come yet.
    private func isOrdered(_ id: Digest, _ list: PieceList) throws(Failure) -> Bool {
        for _ in 0..<Self.arrivals {
            if let state = try client.object(id) { return state.isOf(list) }
            CairnCLI.pause(Self.pause)
        }
        return false
    }

    private func holders(of id: Digest, _ list: PieceList, _ code: ErasureCode) throws(Failure) -> [NodeID] {
        for _ in 0..<Self.drawings {
            guard let state = try client.object(id) else {
                throw Failure(
                    .holdersMissing, "the chain found no \(code.total) holders that have nothing in common",
                    do: Hint("--shards K/N", "takes fewer; the deposit has come back"))
            }
            guard state.isOf(list) else {
                throw Failure(
                    .holdersMissing, "object \(id) is another one: this account ordered two at once",
                    do: Hint("the same command", "orders it again"))
            }
            let nodes = state.holders.compactMap(\.node)
            if nodes.count == code.total { return nodes }
            CairnCLI.pause(Self.pause)
        }
        throw Failure(.transactionPending, "the chain has not drawn the holders of object \(id) yet")
    }

    /// The current epoch is still paid; then the rest comes back.
    func close(_ id: Digest) throws(Failure) { try carryOut(.close(id)) }

    /// The same, of an object that was only meant to have this number.
    func close(_ id: Digest, ifItIs list: PieceList) throws(Failure) {
        guard let state = try client.object(id), state.isOf(list) else { return }
        try close(id)
    }

    func state(of id: Digest) throws(Failure) -> ObjectState? { try client.object(id) }

    private func carryOut(_ action: Action) throws(Failure) {
        let signed = try SignedAction(action, by: identity, on: chain, SignedAction.Wishes(), through: client)
        _ = try client.submit(signed.transaction.encoded)
        let report = try signed.waitForCommitment(on: client, for: Self.patience, CairnCLI.pause)
        guard report.outcome == "applied" else {
            let meaning = Outcome.allCases.first { "\($0)" == report.outcome }?.meaning ?? "it failed"
            throw Failure(.transactionRefused, "the chain refuses: \(meaning)")
        }
    }

    private static let patience = TimeSpan.seconds(60)
    private static let pause = TimeSpan.milliseconds(250)
    /// Two blocks are enough, if blocks come.
    private static let drawings = 240
    private static let arrivals = 40
}

extension ObjectState {
    fileprivate func isOf(_ list: PieceList) -> Bool { root == "\(list.root(using: Blake2b()))" }
}

extension ErasureCode {
    /// With fewer shards at their holders than this, an object is not called stored: more than start a repair, and two
    /// thirds of all.
    var durable: Int { max((2 * total + 2) / 3, needed + (total - needed) / 2 + 1) }
}

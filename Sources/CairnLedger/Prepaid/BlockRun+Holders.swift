import CairnBase
import CairnWire

/// What holders say of an object that they hold shards of: that their own is there, that another's is gone.
///
/// Holders were drawn by chance and have nothing in common, so as many of them as could make the object anew are believed
/// when they say the same. A device owns nothing: what it says is paid for out of the object's deposit, and said only where it
/// changes something, so that nobody can talk a deposit away.
extension BlockRun {
    /// Where the sender stands among the holders, and why it is not heard.
    mutating func admitHolder(_ transaction: Transaction) throws(StateError) -> Outcome {
        guard let (id, shard) = transaction.action.ofHolder else { return .applied }
        guard let object = try state.load(.object(id)), let own = try place(of: transaction.sender, in: object),
            shard == own || !object.holders[own].isLost
        else { return .notAHolder }
        guard object.left > transaction.fee, transaction.fee == parameters.amount(.feeMin) else {
            return .feeUnpayable
        }
        let first = try remembered(object)
        let isNews =
            switch transaction.action {
            case .hold: shard == own && !object.holders[own].isHolding
            case .miss: shard != own && object.isNews(missing: shard, by: own, since: first)
            default: false
            }
        return isNews ? .applied : .nothingNew
    }

    mutating func payFromDeposit(_ fee: Amount, of id: Digest) throws(StateError) {
        guard var object = try state.load(.object(id)) else { return }
        object.left = object.left.minus(fee)
        object.spent = object.spent.plus(fee)
        state.store(.object(id), object)
    }

    mutating func hold(_ id: Digest, _ shard: UInt8, by sender: AccountID) throws(StateError) -> Outcome {
        guard var object = try state.load(.object(id)), object.holders.indices.contains(Int(shard)) else {
            return .unknownObject
        }
        object.holders[Int(shard)].isHolding = true
        state.store(.object(id), object)
        return .applied
    }

    /// Notes that a holder could not be shown to have its shard. When enough say so it is lost, and when too few are left
    /// those that are lost get new holders.
    mutating func miss(_ id: Digest, _ shard: UInt8, by sender: AccountID) throws(StateError) -> Outcome {
        guard var object = try state.load(.object(id)), let own = try place(of: sender, in: object),
            !object.holders[own].isLost,
            object.holders.indices.contains(Int(shard))
        else { return .unknownObject }
        let first = try remembered(object)
        object.note(missing: Int(shard), by: own, at: context.height, since: first)
        state.store(.object(id), object)
        guard object.holders[Int(shard)].isLost, object.needsRepair else { return .applied }
        return try haveDrawn(id, at: context.height, isRepair: true) ? .applied : .tooManyObjects
    }

    /// What was said longer ago does not count.
    private mutating func remembered(_ object: PrepaidObject) throws(StateError) -> Height {
        context.height.preceding(by: min(try graceBlocks(of: object), context.height.number))
    }

    private mutating func place(of sender: AccountID, in object: PrepaidObject) throws(StateError) -> Int? {
        guard let name = try state.load(.device(sender.key)), let resource = try state.load(.resource(name.id)) else {
            return nil
        }
        return object.holders.firstIndex { $0.number == resource.index }
    }

    /// A holder that counted as lost, and showed its shard in a round that began after the last word against it, counts again
    /// if nobody else has the shard by now. Its own word would not do: who has nothing could put off repair with it.
    mutating func takeBack(_ number: UInt32, slot: UInt32, shownAt height: Height) throws(StateError) {
        guard let shard = try state.load(.shard(number, slot)), var object = try state.load(.object(shard.object)),
            let place = object.holders.firstIndex(where: { $0.number == number && $0.slot == slot }),
            object.holders[place].isLost, object.holders[place].missedBy.allSatisfy({ $0.height < height })
        else { return }
        object.holders[place].isLost = false
        object.holders[place].missedBy = []
        state.store(.object(shard.object), object)
    }
}

extension BlockRun {
    /// Has holders drawn for an object by what nobody knows yet: at that height, or one of the next that has room. Repairs take
    /// half of it at most, so that they keep no order out.
    mutating func haveDrawn(_ id: Digest, at height: Height, isRepair: Bool = false) throws(StateError) -> Bool {
        let room = isRepair ? ObjectList.idsMax / 2 : ObjectList.idsMax
        return try list(id, at: height, whileShorterThan: room) { RecordKey.ordered($0) }
    }

    /// False where no list of the next heights has room.
    mutating func list(
        _ id: Digest, at height: Height, whileShorterThan room: Int, _ key: (Height) -> RecordKey<ObjectList>
    ) throws(StateError) -> Bool {
        for offset in 0..<Self.heightsTried {
            let key = key(height.advanced(by: offset))
            var list = try state.load(key) ?? ObjectList()
            guard list.ids.count < room else { continue }
            list.insert(id)
            state.store(key, list)
            return true
        }
        return false
    }

    private static var heightsTried: UInt64 { 16 }
}

extension StateReader {
    /// The places of a provider's list at which a shard stands, ascending.
    public func heldSlots(of number: UInt32) throws(StateError) -> [UInt32] {
        var slots: [UInt32] = []
        for page in NumberPage.pages(upTo: try load(.holdings(number))?.slots ?? 0) {
            slots += try load(.heldSlots(number, page))?.numbers(on: page) ?? []
        }
        return slots
    }
}

extension ProfileRules {
    /// For so many periods a holder may be away before its shards count as lost.
    static let gracePeriods: UInt64 = 3

    /// In blocks.
    public func graceBlocks(_ parameters: Parameters) -> UInt64 {
        let periods = self["gracePeriods"] == 0 ? Self.gracePeriods : self["gracePeriods"]
        return parameters.height(periods, periodsAfter: .genesis).number
    }
}

extension Action {
    /// Whether a holder's device says it, which owns nothing: the fee is the object's.
    public var isOfHolder: Bool { ofHolder != nil }

    /// The object and the shard that a holder speaks of; nil for what an account wants.
    var ofHolder: (object: Digest, shard: Int)? {
        switch self {
        case .hold(let id, let shard), .miss(let id, let shard): (id, Int(shard))
        default: nil
        }
    }
}

public import CairnBase
public import CairnWire

/// What an account has at risk behind its validator: bonded, or on its way back and still liable.
public struct Stake: Record {
    public var bonded: Amount
    /// In the order they were asked for; a vote on the delay may let a later one go first.
    public var unbonding: [Unbonding]
    /// What `bonded` was at the start of each of the last periods.
    var history: StakeHistory

    /// How many withdrawals one account may have under way.
    public static let unbondingMax = 16

    public init(bonded: Amount = .zero, unbonding: [Unbonding] = []) {
        self.bonded = bonded
        self.unbonding = unbonding
        history = StakeHistory(bonded)
    }
}

extension Stake {
    /// All that can be slashed.
    public var atRisk: Amount { unbonding.reduce(bonded) { $0.plus($1.amount) } }

    /// Moves an amount on its way out. False if there is not that much, or no place left in the queue.
    mutating func unbond(_ amount: Amount, release: Height) -> Bool {
        guard let rest = bonded.subtracting(amount), queue(amount, release: release) else { return false }
        bonded = rest
        return true
    }

    /// Puts an amount that was at risk elsewhere on its way out. False if there is no place left.
    mutating func queue(_ amount: Amount, release: Height) -> Bool {
        guard unbonding.count < Self.unbondingMax else { return false }
        unbonding.append(Unbonding(amount: amount, release: release))
        return true
    }

    /// Takes out what is free at a height.
    mutating func withdraw(at height: Height) -> Amount {
        let free = unbonding.filter { $0.release <= height }
        unbonding.removeAll { $0.release <= height }
        return free.reduce(Amount.zero) { $0.plus($1.amount) }
    }

    /// Takes away up to an amount: first what is bonded, then what leaves last.
    mutating func slash(_ amount: Amount) -> Amount {
        let fromBond = min(amount, bonded)
        bonded = bonded.minus(fromBond)
        var taken = fromBond
        for index in unbonding.indices.reversed() {
            let part = min(amount.minus(taken), unbonding[index].amount)
            unbonding[index].amount = unbonding[index].amount.minus(part)
            taken = taken.plus(part)
        }
        unbonding.removeAll { $0.amount == .zero }
        return taken
    }
}

/// An amount that is free again from a height on, and can be slashed until then.
public struct Unbonding: Sendable, Equatable {
    public var amount: Amount
    public let release: Height
}

extension Stake: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        bonded = try Amount(from: &reader)
        unbonding = []
        for _ in 0..<(try reader.count(limit: Self.unbondingMax)) {
            unbonding.append(Unbonding(amount: try Amount(from: &reader), release: try reader.ordinal()))
        }
        history = try reader.value()
        guard history.now == bonded else { throw .invalid("stake history") }
    }

    public func encode(into writer: inout ByteWriter) {
        bonded.encode(into: &writer)
        writer.count(unbonding.count)
        for entry in unbonding {
            entry.amount.encode(into: &writer)
            writer.ordinal(entry.release)
        }
        history.encode(into: &writer)
    }
}

public import CairnBase
public import CairnWire

/// What a transaction asks for.
public enum Action: Sendable, Equatable {
    case transfer(to: AccountID, amount: Amount)
    /// Puts tokens at risk behind one's validator.
    case bond(Amount)
    /// Asks for bonded tokens back; they come free after a delay.
    case unbond(Amount)
    /// Takes what has come free.
    case withdraw
    /// Asks for a seat in committees, or changes the keys of one.
    case apply(Candidacy)
    /// Gives up asking.
    case resign
    /// Lets another key speak for the account, after a delay in which the old one still does.
    case rotate(to: PublicKey)
    case accuse(Contradiction)
    case register(Registration)
    case move(ResourceID, to: Site)
    case retire(ResourceID)
    /// Puts tokens at risk behind a resource.
    case back(ResourceID, with: Amount)
    case unback(ResourceID, by: Amount)
    case propose(ProposedChange)
    /// On the proposal of that number; counts by what was bonded when it was made.
    case vote(on: UInt32, isYes: Bool)
    /// Orders an object to be held, and pays in advance.
    case open(ObjectOrder)
    case topUp(Digest, with: Amount)
    case close(Digest)
    /// A holder has its shard of an object; signed by its device.
    case hold(Digest, shard: UInt8)
    /// A holder could not be shown another's shard for longer than may be; signed by its device.
    case miss(Digest, shard: UInt8)
    /// Says what lies in a sealed partition, and on which node.
    case seal(SealedClaim)
}

extension Action {
    /// The number on the wire and the name in documents.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case transfer = 1
        case bond = 2
        case unbond = 3
        case withdraw = 4
        case apply = 5
        case resign = 6
        case rotate = 7
        case accuse = 8
        case register = 9
        case move = 10
        case retire = 11
        case back = 12
        case unback = 13
        case propose = 14
        case vote = 15
        case open = 16
        case topUp = 17
        case close = 18
        case hold = 19
        case miss = 20
        case seal = 21
    }

    public var kind: Kind {
        switch self {
        case .transfer: .transfer
        case .bond: .bond
        case .unbond: .unbond
        case .withdraw: .withdraw
        case .apply: .apply
        case .resign: .resign
        case .rotate: .rotate
        case .accuse: .accuse
        case .register: .register
        case .move: .move
        case .retire: .retire
        case .back: .back
        case .unback: .unback
        case .propose: .propose
        case .vote: .vote
        case .open: .open
        case .topUp: .topUp
        case .close: .close
        case .hold: .hold
        case .miss: .miss
        case .seal: .seal
        }
    }

    /// The signatures inside, apart from the sender's.
    func signatures(by sender: AccountID) -> [EnclosedSignature] {
        switch self {
        case .apply(let candidacy): candidacy.signatures(by: sender)
        case .accuse(let contradiction): contradiction.signatures
        case .register(let registration): registration.signatures(by: sender)
        default: []
        }
    }
}

extension Action: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let number = try reader.u8()
        guard let kind = Kind(rawValue: number) else { throw .unknown("action", UInt64(number)) }
        switch kind {
        case .transfer: self = .transfer(to: try reader.identifier(), amount: try reader.value())
        case .bond: self = .bond(try reader.value())
        case .unbond: self = .unbond(try reader.value())
        case .withdraw: self = .withdraw
        case .apply: self = .apply(try reader.value())
        case .resign: self = .resign
        case .rotate: self = .rotate(to: try reader.identifier())
        case .accuse: self = .accuse(try reader.value())
        case .register: self = .register(try reader.value())
        case .move: self = .move(try reader.identifier(), to: try reader.value())
        case .retire: self = .retire(try reader.identifier())
        case .back: self = .back(try reader.identifier(), with: try reader.value())
        case .unback: self = .unback(try reader.identifier(), by: try reader.value())
        case .propose: self = .propose(try reader.value())
        case .vote: self = .vote(on: try reader.u32(), isYes: try reader.bool())
        case .open: self = .open(try reader.value())
        case .topUp: self = .topUp(try reader.identifier(), with: try reader.value())
        case .close: self = .close(try reader.identifier())
        case .hold: self = .hold(try reader.identifier(), shard: try reader.u8())
        case .miss: self = .miss(try reader.identifier(), shard: try reader.u8())
        case .seal: self = .seal(try reader.value())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(kind.rawValue)
        switch self {
        case .transfer(let to, let amount):
            writer.identifier(to)
            amount.encode(into: &writer)
        case .bond(let amount), .unbond(let amount): amount.encode(into: &writer)
        case .withdraw, .resign: break
        case .apply(let candidacy): candidacy.encode(into: &writer)
        case .rotate(let key): writer.identifier(key)
        case .accuse(let contradiction): contradiction.encode(into: &writer)
        case .register(let registration): registration.encode(into: &writer)
        case .move(let id, let site):
            writer.identifier(id)
            site.encode(into: &writer)
        case .retire(let id): writer.identifier(id)
        case .back(let id, let amount), .unback(let id, let amount):
            writer.identifier(id)
            amount.encode(into: &writer)
        case .propose(let change): change.encode(into: &writer)
        case .vote(let number, let isYes):
            writer.u32(number)
            writer.bool(isYes)
        case .open(let order): order.encode(into: &writer)
        case .topUp(let id, let amount):
            writer.identifier(id)
            amount.encode(into: &writer)
        case .close(let id): writer.identifier(id)
        case .hold(let id, let shard), .miss(let id, let shard):
            writer.identifier(id)
            writer.u8(shard)
        case .seal(let claim): claim.encode(into: &writer)
        }
    }
}

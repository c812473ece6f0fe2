public import CairnBase

/// Where every token is, in parts that sum to the cap.
public struct SupplyTable: Sendable {
    public enum Part: String, Sendable, CaseIterable {
        case reserve, treasury, burned, emitted, carry, epochs, services
        case serviceCarries = "service carries"
        case heldPay = "held pay"
        case proposals, objects, accounts, backing, bonded, unbonding

        public var meaning: String {
            switch self {
            case .reserve: "not emitted yet"
            case .treasury: "for what the network votes to pay for"
            case .burned: "destroyed"
            case .emitted: "set aside for the epochs of this period"
            case .carry: "left by rounding when validators were paid"
            case .epochs: "for the validators of epochs that are not settled"
            case .services: "for the proofs and the usage of epochs that are not settled"
            case .serviceCarries: "left by rounding and unspent in services"
            case .heldPay: "held of operators until their bond is full"
            case .proposals: "deposits of proposals"
            case .objects: "deposits of prepaid objects"
            case .accounts: "owned and free to send"
            case .backing: "bonds behind resources"
            case .bonded: "bonds behind validators"
            case .unbonding: "bonds on their way back, still liable"
            }
        }
    }

    /// The tables that hold tokens.
    public static let tables: [StateTable] = [
        .supply, .account, .stake, .pot, .resource, .track, .profilePot, .funds, .proposal, .object,
    ]

    private var units = [UInt64](repeating: 0, count: Part.allCases.count)

    /// Counts what the entries of those tables hold.
    public init(_ entries: [StateChange]) throws(StateError) {
        for entry in entries {
            guard let bytes = entry.value, let table = entry.key.table else { continue }
            try count(StateAudit.tokens(bytes, under: entry.key, of: table), of: table)
        }
    }

    public var parts: [(part: Part, amount: Amount)] {
        zip(Part.allCases, units).map { ($0, Amount(units: $1)) }
    }

    /// The cap, in every state that the rules made.
    public var total: Amount? { parts.map(\.amount).total() }

    private mutating func count(_ amounts: [Amount], of table: StateTable) {
        switch table {
        case .supply:
            for (part, amount) in zip([Part.reserve, .treasury, .burned, .emitted, .carry], amounts) {
                add(amount, part)
            }
        case .stake:
            for (index, amount) in amounts.enumerated() { add(amount, index == 0 ? .bonded : .unbonding) }
        case .account: for amount in amounts { add(amount, .accounts) }
        case .pot: for amount in amounts { add(amount, .epochs) }
        case .resource: for amount in amounts { add(amount, .backing) }
        case .track: for amount in amounts { add(amount, .heldPay) }
        case .profilePot: for amount in amounts { add(amount, .services) }
        case .funds: for amount in amounts { add(amount, .serviceCarries) }
        case .proposal: for amount in amounts { add(amount, .proposals) }
        case .object: for amount in amounts { add(amount, .objects) }
        default: break
        }
    }

    private mutating func add(_ amount: Amount, _ part: Part) {
        guard let index = Part.allCases.firstIndex(of: part) else { return }
        // A state that holds more than the cap is wrong anyway; the sum then stays at the end of numbers.
        units[index] = units[index].addingReportingOverflow(amount.units).overflow ? .max : units[index] + amount.units
    }
}

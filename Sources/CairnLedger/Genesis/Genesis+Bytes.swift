import CairnBase
public import CairnWire

extension Genesis: Canonical {
    private static let version: UInt8 = 2

    public init(from reader: inout ByteReader) throws(DecodeError) {
        let version = try reader.u8()
        guard version == Self.version else { throw .unknown("genesis version", UInt64(version)) }
        let network = try Self.text(from: &reader, limit: Self.nameLengthMax)
        let symbol = try Self.text(from: &reader, limit: Self.symbolLengthMax)
        let time = try reader.u64()
        let parameters = try Parameters(from: &reader)
        let profiles: [ProfileRules] = try reader.list(limit: Profile.allCases.count)
        let treasury = try Amount(from: &reader)
        var accounts: [Allocation] = []
        for _ in 0..<(try reader.count(limit: Self.accountsMax)) {
            accounts.append(Allocation(account: try reader.identifier(), balance: try Amount(from: &reader)))
        }
        var validators: [FoundingValidator] = []
        for _ in 0..<(try reader.count(limit: CandidateList.accountsMax)) {
            validators.append(
                FoundingValidator(
                    account: try reader.identifier(), keys: try ValidatorKeys(from: &reader),
                    bond: try Amount(from: &reader)))
        }
        var anchors: [Anchor] = []
        for _ in 0..<(try reader.count(limit: Self.anchorsMax)) {
            anchors.append(Anchor(controller: try reader.identifier(), sequence: try reader.u64()))
        }
        let genesis: Genesis
        do {
            genesis = try Genesis(
                network: network, symbol: symbol, time: time, parameters: parameters, profiles: profiles,
                treasury: treasury,
                accounts: accounts, validators: validators, anchors: anchors)
        } catch {
            throw .invalid("genesis")
        }
        guard genesis.profiles == profiles, genesis.accounts == accounts, genesis.validators == validators,
            genesis.anchors == anchors
        else {
            throw .notCanonical("genesis order")
        }
        self = genesis
    }

    private static func text(from reader: inout ByteReader, limit: Int) throws(DecodeError) -> String {
        guard let text = String(validating: try reader.bytes(limit: limit), as: UTF8.self) else {
            throw .invalid("text")
        }
        return text
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(Self.version)
        writer.bytes(Array(network.utf8))
        writer.bytes(Array(symbol.utf8))
        writer.u64(time)
        parameters.encode(into: &writer)
        writer.count(profiles.count)
        for rules in profiles { rules.encode(into: &writer) }
        treasury.encode(into: &writer)
        writer.count(accounts.count)
        for allocation in accounts {
            writer.identifier(allocation.account)
            allocation.balance.encode(into: &writer)
        }
        writer.count(validators.count)
        for validator in validators {
            writer.identifier(validator.account)
            validator.keys.encode(into: &writer)
            validator.bond.encode(into: &writer)
        }
        writer.count(anchors.count)
        for anchor in anchors {
            writer.identifier(anchor.controller)
            writer.u64(anchor.sequence)
        }
    }
}

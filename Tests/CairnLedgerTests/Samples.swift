import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// Names that are easy to tell apart in a failing test: account 7 is thirty-two sevens.
func account(_ number: UInt8) -> AccountID { AccountID(repeated(number)) }

func repeated(_ byte: UInt8) -> Bytes32 {
    Bytes32([UInt8](repeating: byte, count: Bytes32.count)) ?? .zero
}

extension SeededRandom {
    mutating func bytes32() -> Bytes32 {
        var writer = ByteWriter()
        for _ in 0..<4 { writer.u64(next()) }
        return Bytes32(writer.bytes) ?? .zero
    }
}

/// A key that no table uses, for tests of the tree alone.
func key(_ number: UInt64) -> StateKey {
    var writer = ByteWriter()
    writer.u64(number)
    return StateKey(bytes: writer.bytes)
}

extension Transaction {
    /// A transaction as it stands after the edge has checked its signature.
    static func vouched(
        from sender: AccountID, nonce: UInt64, fee: UInt64 = 1000, expiry: UInt64 = .max, chain: ChainID,
        key: PublicKey? = nil, _ action: Action
    ) -> Verified<Transaction> {
        let body = Body(
            chain: chain, sender: sender, key: key, nonce: nonce, fee: Amount(units: fee), expiry: Height(expiry),
            action: action)
        let transaction = Transaction(body, signature: Signature(r: .zero, s: .zero))
        return Verified(vouchedFor: transaction, signer: transaction.key)
    }
}

/// A small network: three funded accounts and one validator.
func sampleGenesis(funded: [UInt8] = [1, 2, 3], balance: UInt64 = 1_000_000) throws -> Genesis {
    try Genesis(
        network: "sample", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet),
        accounts: funded.map { Genesis.Allocation(account: account($0), balance: Amount(units: balance)) },
        validators: [
            Genesis.FoundingValidator(
                account: account(100),
                keys: ValidatorKeys(
                    node: NodeID(repeated(101)), vote: PublicKey(repeated(102)),
                    randomness: VRFPublicKey(repeated(103))),
                bond: Amount(units: 200 * Amount.one.units))
        ])
}

func context(_ height: UInt64, parent: UInt8 = 0) -> BlockContext {
    BlockContext(
        height: Height(height), epoch: Epoch((height - 1) / 30), proposer: account(100),
        time: 1_700_000_000_000 + height * 1000,
        parent: Digest(repeated(parent)))
}

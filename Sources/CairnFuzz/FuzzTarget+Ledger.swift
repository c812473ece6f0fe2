import CairnBase
import CairnLedger
import CairnWire

extension FuzzTarget {
    static let transaction = FuzzTarget("tx") { bytes in
        try requireCanonical(Transaction.self, bytes)
        if let transaction = try? Transaction.decode(bytes, limit: Transaction.byteCountMax) {
            try require(transaction.enclosed.count <= 2, "a transaction holds too many signatures")
        }
    }

    /// The same bytes as the file people write and as the form that is hashed.
    static let genesis = FuzzTarget("genesis") { bytes in
        try requireCanonical(Genesis.self, bytes)
        guard let json = try? JSONReader.read(bytes, limits: Genesis.jsonLimits), let genesis = try? Genesis(json: json)
        else { return }
        let decoded = try? Genesis.decode(genesis.encoded, limit: Genesis.byteCountMax)
        try require(decoded == genesis, "a genesis file does not survive its canonical bytes")
        try require((try? Genesis(json: genesis.json)) == genesis, "a genesis does not survive its own file")
    }

    /// A proof may show something to be there or not to be there, never both.
    static let stateProof = FuzzTarget("stateproof") { bytes in
        try requireCanonical(StateProof.self, bytes)
        guard let proof = try? StateProof.decode(bytes, limit: StateProof.byteCountMax) else { return }
        let key = StateKey(bytes: [3])
        let root = Digest(Bytes32([UInt8](bytes.suffix(32))) ?? .zero)
        let isThere = proof.shows([1], under: key, in: root, using: Mixing())
        let isAbsent = proof.shows(nil, under: key, in: root, using: Mixing())
        try require(!(isThere && isAbsent), "one proof shows presence and absence")
    }
}

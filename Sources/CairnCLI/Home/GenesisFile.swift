import CairnBase
import CairnLedger
import CairnWire

/// `genesis.json` of a home: which network the node is on, and how it began.
enum GenesisFile {
    static func read(_ path: String) throws(Failure) -> Genesis {
        let text = try TextFile.read(path, limit: Limits().files.genesis)
        let json: JSON
        do {
            var limits = JSONReader.Limits()
            limits.nodes = 1_000_000
            json = try JSONReader.read(Array(text.utf8), limits: limits)
        } catch {
            throw Failure(.genesisInvalid, "\(path) is not JSON as a genesis must be: \(error)")
        }
        do {
            return try Genesis(json: json)
        } catch {
            throw Failure(.genesisInvalid, "\(path) is not a genesis: \(error.words)")
        }
    }
}

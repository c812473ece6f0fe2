import CairnLedger
import CairnWire

/// Views of what was proven and what was paid for it.
extension ChainSchema {
    static let verdictViews = [
        "CREATE VIEW reason(bit, name) AS VALUES "
            + Reason.allCases.map { "(\($0.rawValue), '\($0)')" }.joined(separator: ", "),
        """
        CREATE VIEW verdict_reason AS SELECT
            verdict.height, verdict.position, verdict.challenged, lower(hex(verdict.resource)) AS resource,
            verdict.passed, verdict.outcome, reason.name AS reason
        FROM verdict JOIN reason ON verdict.reasons >> reason.bit & 1
        """,
    ]

    static let rewardViews = [
        """
        CREATE VIEW reward AS SELECT
            \(keyNumber) AS epoch,
            lower(hex(substr(key, 10))) AS resource,
            \(integer(at: 0, bytes: 2)) AS profile,
            \(u64(at: 2)) AS units,
            \(u64(at: 10)) AS island_units,
            \(u32(at: 18)) AS trust,
            \(u32(at: 22)) AS quality,
            \(u32(at: 26)) AS streak,
            \(u64(at: 30)) AS weight,
            \(u64(at: 38)) AS island_weight,
            \(u32(at: 46)) AS verdicts,
            \(u64(at: 50)) AS reasons,
            \(u64(at: 58)) AS for_proofs,
            \(u64(at: 66)) AS as_witness,
            \(u64(at: 74)) AS for_usage,
            \(u64(at: 82)) AS from_owners,
            \(u64(at: 90)) AS burned,
            \(u64(at: 98)) AS held
        FROM state WHERE \(rows(of: .reward))
        """,
        """
        CREATE VIEW epoch_result AS SELECT
            \(keyNumber) AS epoch,
            \(keyNumber(after: 8)) AS profile,
            \(u64(at: 0)) AS pool,
            \(u64(at: 8)) AS witness_pool,
            \(u64(at: 16)) AS receipts,
            \(u64(at: 24)) AS weight,
            \(u64(at: 32)) AS island_pool,
            \(u64(at: 40)) AS island_weight,
            \(u64(at: 48)) AS carry,
            \(u32(at: 56)) AS verdicts
        FROM state WHERE \(rows(of: .result))
        """,
        """
        CREATE VIEW committee AS
            WITH RECURSIVE seat(number) AS (
                SELECT 0 UNION ALL SELECT number + 1 FROM seat WHERE number + 1 < \(Committee.membersMax))
            SELECT
                \(keyNumber) AS epoch,
                number AS seat,
                lower(hex(substr(value, 5 + 136 * number, 32))) AS account,
                lower(hex(substr(value, 37 + 136 * number, 32))) AS node,
                lower(hex(substr(value, 69 + 136 * number, 32))) AS vote_key,
                \(number("substr(value, 133 + 136 * number, 8)", isBigEndian: false)) AS weight
            FROM state, seat WHERE \(rows(of: .committee)) AND number < \(u32(at: 0))
        """,
    ]

    /// The number that a state key holds right after its table's byte.
    private static var keyNumber: String { keyNumber(after: 0) }

    private static func keyNumber(after offset: Int) -> String {
        number("substr(key, \(2 + offset), 8)", isBigEndian: true)
    }

    /// Reads eight bytes as a number.
    private static func number(_ bytes: String, isBigEndian: Bool) -> String {
        let digits = (0..<16).map { place in
            let byte = isBigEndian ? 7 - place / 2 : place / 2
            let shift = 8 * byte + (place.isMultiple(of: 2) ? 4 : 0)
            return "((instr('0123456789ABCDEF', substr(hex(\(bytes)), \(place + 1), 1)) - 1) << \(shift))"
        }
        return "(" + digits.joined(separator: " + ") + ")"
    }
}

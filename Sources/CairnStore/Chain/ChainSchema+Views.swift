import CairnLedger

extension ChainSchema {
    static let views = [
        """
        CREATE VIEW account AS SELECT
            lower(hex(substr(key, 2))) AS id,
            \(u64(at: 0)) AS balance,
            \(u64(at: 8)) AS nonce
        FROM state WHERE \(rows(of: .account))
        """,
        """
        CREATE VIEW stake AS SELECT
            lower(hex(substr(key, 2))) AS account,
            \(u64(at: 0)) AS bonded,
            \(unbonding) AS unbonding
        FROM state WHERE \(rows(of: .stake))
        """,
        """
        CREATE VIEW validator AS SELECT
            lower(hex(substr(key, 2))) AS account,
            lower(hex(substr(value, 1, 32))) AS node,
            lower(hex(substr(value, 33, 32))) AS vote_key,
            lower(hex(substr(value, 65, 32))) AS randomness_key,
            \(u8(at: 96)) AS is_candidate
        FROM state WHERE \(rows(of: .validator))
        """,
        """
        CREATE VIEW resource AS SELECT
            lower(hex(substr(key, 2))) AS id,
            \(u32(at: 0)) AS number,
            lower(hex(substr(value, 5, 32))) AS controller,
            lower(hex(substr(value, 37, 32))) AS stake_root,
            \(u64(at: 68)) AS bond,
            \(u8(at: 76)) AS is_retired,
            \(u64(at: 77)) AS since,
            \(integer(at: 85, bytes: 2)) AS profile,
            lower(hex(substr(value, 88, 32))) AS device
        FROM state WHERE \(rows(of: .resource))
        """,
        """
        CREATE VIEW supply AS
            SELECT 'reserve' AS part, \(u64(at: 0)) AS units FROM state WHERE \(rows(of: .supply))
            UNION ALL SELECT 'treasury', \(u64(at: 8)) FROM state WHERE \(rows(of: .supply))
            UNION ALL SELECT 'burned', \(u64(at: 16)) FROM state WHERE \(rows(of: .supply))
            UNION ALL SELECT 'emitted', \(u64(at: 24)) FROM state WHERE \(rows(of: .supply))
            UNION ALL SELECT 'carry', \(u64(at: 32)) FROM state WHERE \(rows(of: .supply))
            UNION ALL SELECT 'epochs', coalesce(sum(\(u64(at: 0))), 0) FROM state WHERE \(rows(of: .pot))
            UNION ALL SELECT 'services', coalesce(sum(\(u64(at: 0)) + \(u64(at: 8))), 0) FROM state
                WHERE \(rows(of: .profilePot))
            UNION ALL SELECT 'service carries', coalesce(sum(\(carries)), 0) FROM state WHERE \(rows(of: .funds))
            UNION ALL SELECT 'held pay', coalesce(sum(\(u64(at: 0))), 0) FROM state WHERE \(rows(of: .track))
            UNION ALL SELECT 'proposals', coalesce(sum(\(u64(at: 0))), 0) FROM state WHERE \(rows(of: .proposal))
            UNION ALL SELECT 'objects', coalesce(sum(\(u64(at: 0))), 0) FROM state WHERE \(rows(of: .object))
            UNION ALL SELECT 'accounts', coalesce(sum(balance), 0) FROM account
            UNION ALL SELECT 'backing', coalesce(sum(bond), 0) FROM resource
            UNION ALL SELECT 'bonded', coalesce(sum(bonded), 0) FROM stake
            UNION ALL SELECT 'unbonding', coalesce(sum(unbonding), 0) FROM stake
        """,
        """
        CREATE VIEW state_height AS
            SELECT coalesce((SELECT min(height) - 1 FROM pending), (SELECT max(height) FROM block)) AS height
        """,
        """
        CREATE VIEW rejected AS SELECT
            height, lower(hex(tx)) AS tx, outcome, fee FROM receipt WHERE outcome <> 0
        """,
    ]

    /// A profile's carry and its ten of usage pay.
    private static var carries: String { (0...10).map { u64(at: 8 * $0) }.joined(separator: " + ") }

    /// The sum over a list of unknown length, up to its limit.
    private static let unbonding = (0..<Stake.unbondingMax).map { index in
        "CASE WHEN \(u32(at: 8)) > \(index) THEN \(u64(at: 12 + 16 * index)) ELSE 0 END"
    }.joined(separator: " + ")

    static func rows(of table: StateTable) -> String {
        let (low, high) = (hexByte(table.rawValue), hexByte(table.rawValue + 1))
        return "path >= x'\(low)' AND path < x'\(high)'"
    }

    /// SQL that reads a little-endian number out of `value`: its bytes from the last to the first, as hexadecimal.
    static func u64(at offset: Int) -> String { integer(at: offset, bytes: 8) }
    static func u32(at offset: Int) -> String { integer(at: offset, bytes: 4) }
    static func u8(at offset: Int) -> String { integer(at: offset, bytes: 1) }

    static func integer(at offset: Int, bytes: Int) -> String {
        let digits = (0..<bytes).flatMap { index in
            [(0, 4), (1, 0)].map { nibble, shift in
                let place = 2 * (offset + index) + nibble + 1
                let digit = "(instr('0123456789ABCDEF', substr(hex(value), \(place), 1)) - 1)"
                return "(\(digit) << \(8 * index + shift))"
            }
        }
        return "(" + digits.joined(separator: " + ") + ")"
    }

    private static func hexByte(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

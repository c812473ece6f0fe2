import CairnBase
import CairnStore
import CairnWire

/// What a node knows of the state of its chain's database: how far it has looked it over while it runs, and which rows are
/// damaged.
///
/// A row is named until a later look finds it whole or a peer has given it back; one whole pass without it settles the rest.
struct ChainScrub {
    private struct Known {
        /// What a peer may send in its place.
        var wanted: WantedBlock?
        /// In which pass it was found last.
        var pass: UInt64
    }

    private let limits: Limits.Scrub
    private var known = OrderedMap<String, Known>()
    private var place = ChainScrubPlace.start
    private var nextWanted = 0
    private var stepsUnsaved = 0
    private(set) var passes: UInt64 = 0
    private(set) var counters = Counters()

    struct Counters {
        /// Rows that were looked at, and found damaged.
        var (rows, damaged): (UInt64, UInt64) = (0, 0)
        /// Damaged rows beyond those that are named.
        var unnamed: UInt64 = 0
        /// Blocks that peers gave back: to the last byte, and without what only this node knew.
        var (restored, replaced): (UInt64, UInt64) = (0, 0)
    }

    /// - Parameter position: where an earlier run of the node came to, if that is known.
    init(_ limits: Limits.Scrub, _ position: ScrubPosition?) {
        self.limits = limits
        guard let position else { return }
        (place, passes) = (position.place, position.passes)
    }

    var position: ScrubPosition { ScrubPosition(place: place, passes: passes) }

    /// The names of damaged rows.
    var rows: [String] { known.map(\.key) }

    /// Whether the position is so new that it is worth a write; then it is taken for written.
    mutating func takesSave(every steps: Int) -> Bool {
        guard stepsUnsaved >= steps else { return false }
        stepsUnsaved = 0
        return true
    }

    /// Takes up what a step found, and says what of it is news.
    mutating func take(_ step: ChainScrubStep) -> [RowDamage] {
        place = step.next
        stepsUnsaved += 1
        counters.rows += UInt64(step.rows)
        counters.damaged += UInt64(step.damage.count)
        var news: [RowDamage] = []
        for damage in step.damage {
            if known[damage.row] == nil {
                guard known.count < limits.named else {
                    counters.unnamed += 1
                    continue
                }
                news.append(damage)
            }
            known[damage.row] = Known(wanted: damage.block, pass: passes)
        }
        if step.isLast {
            for (row, damage) in known where damage.pass < passes { known.removeValue(forKey: row) }
            passes += 1
        }
        return news
    }

    /// The damaged blocks to ask for now, in turn.
    mutating func wanted() -> [WantedBlock] {
        let all = known.compactMap(\.value.wanted)
        guard !all.isEmpty else { return [] }
        let chosen = (0..<min(limits.wanted, all.count)).map { all[(nextWanted + $0) % all.count] }
        nextWanted = (nextWanted + chosen.count) % all.count
        return chosen
    }

    /// A block that a peer sent was looked at by the store. What cannot be repaired is asked for again in the next pass.
    mutating func repaired(_ height: Height, _ repair: BlockRepair) {
        switch repair {
        case .restored: counters.restored += 1
        case .replaced: counters.replaced += 1
        case .notWanted, .notPossible: break
        }
        for (row, damage) in known where damage.wanted?.height == height {
            if repair == .notPossible {
                known[row]?.wanted = nil
            } else {
                known.removeValue(forKey: row)
            }
        }
    }
}

/// How far a node has looked its database over: a file that it can do without.
struct ScrubPosition: Canonical, Equatable {
    let place: ChainScrubPlace
    let passes: UInt64

    static let byteLimit = 64

    init(place: ChainScrubPlace, passes: UInt64) { (self.place, self.passes) = (place, passes) }

    init(from reader: inout ByteReader) throws(DecodeError) {
        passes = try reader.u64()
        let kind = try reader.u8()
        switch kind {
        case 1: place = .blocks(try reader.ordinal())
        case 2: place = .state(try reader.identifier())
        default: throw .unknown("place of a scrub", UInt64(kind))
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.u64(passes)
        switch place {
        case .blocks(let height):
            writer.u8(1)
            writer.ordinal(height)
        case .state(let path):
            writer.u8(2)
            writer.identifier(path)
        }
    }
}

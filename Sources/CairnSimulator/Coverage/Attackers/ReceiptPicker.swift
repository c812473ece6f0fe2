import CairnBase
import CairnRadio
import CairnWitness

/// Real gateways whose owner leads a quarter of the blocks, and there leaves out receipts of strangers, so that his own
/// get the seats.
struct ReceiptPicker: CoverageAttack {
    private static let count = 3

    static var leaders: UInt64 { 1 }

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(Self.count, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    func admits(_ statement: Statement, by device: Int, in town: TownGlimpse) -> Bool {
        statement.openings == nil || device >= town.devices.count - Self.count || device.isMultiple(of: 4)
    }
}

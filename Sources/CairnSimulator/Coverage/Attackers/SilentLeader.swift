import CairnWire

/// Who leads a quarter of the blocks puts no verdicts into them.
struct SilentLeader: CoverageAttack {
    static var leaders: UInt64 { 1 }

    func propose(_ verdicts: [CoverageVerdict], in town: TownGlimpse) -> [CoverageVerdict] { [] }
}

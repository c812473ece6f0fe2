import CairnBase
import CairnWire

/// What a network gets that does not say otherwise.
extension ProfileRules {
    public static func templates(_ network: Parameter.Profile) -> [ProfileRules] {
        Profile.allCases.map { template($0, network) }
    }

    public static func template(_ profile: Profile, _ network: Parameter.Profile) -> ProfileRules {
        let isMain = network == .main
        switch profile {
        case .coverageRadio:
            return coverage(
                profile, .radio, isMain, farthest: isMain ? 100_000 : 15_000, share: 400_000, witnesses: 0,
                [
                    // On the testnet a period brings a pair five to ten meetings in thirty, not hundreds.
                    Threshold("twinWitnesses", isMain ? 8 : 10), Threshold("twinRows", isMain ? 8 : 2),
                    Threshold("twinVariance", isMain ? 225 : 450),
                ])
        case .coverageRTT:
            return coverage(profile, .roundTrip, isMain, farthest: 20_000_000, share: 150_000, witnesses: 50_000, [])
        case .storageHot:
            return storage(
                profile, .hotRound, isMain, perThousandEpochs: isMain ? 42 : 1000, share: 150_000,
                [Threshold("leaves", 8), Threshold("deadlineMs", 5000)], window: isMain ? 57...86 : 42...71)
        case .storageSealed:
            return storage(
                profile, .sealedRound, isMain, perThousandEpochs: isMain ? 42 : 1000, share: 300_000,
                [
                    Threshold("passes", 48), Threshold("steps", isMain ? 128 : 64),
                    Threshold("deadlineMs", isMain ? 650 : 1400), Threshold("unitsPerPartition", isMain ? 1024 : 64),
                    Threshold("passMicroseconds", 4800), Threshold("leavesMs", isMain ? 30_000 : 8000),
                    Threshold("checkMs", isMain ? 25_000 : 8000),
                ], window: isMain ? 68...87 : 60...71)
        }
    }

    private static func coverage(
        _ profile: Profile, _ kind: ChallengeKind, _ isMain: Bool, farthest: UInt64, share: UInt64, witnesses: UInt64,
        _ own: [Threshold]
    ) -> ProfileRules {
        ProfileRules(
            profile: profile, schema: "coverage-1", challenge: kind, challengesPerThousandEpochs: 1000,
            verifier: Verifiers.coverage,
            thresholds: own + [
                Threshold("seats", isMain ? 10 : 5), Threshold("quorum", isMain ? 4 : 3),
                Threshold("independent", isMain ? 3 : 2), Threshold("nearestMetres", 300),
                Threshold("farthestMetres", farthest), Threshold("commitBlocks", 4), Threshold("revealBlocks", 8),
                Threshold("windowFirst", 11), Threshold("windowLast", 40),
            ], meter: "challenge", bonding: .held,
            bondMin: Amount(units: (isMain ? 100 : 1) * Amount.one.units), crowding: .cells, subsidy: .fading,
            sharePPM: share, witnessPPM: witnesses)
    }

    private static func storage(
        _ profile: Profile, _ kind: ChallengeKind, _ isMain: Bool, perThousandEpochs: UInt32, share: UInt64,
        _ own: [Threshold], window: ClosedRange<UInt64>
    ) -> ProfileRules {
        ProfileRules(
            profile: profile, schema: "storage-1", challenge: kind, challengesPerThousandEpochs: perThousandEpochs,
            verifier: Verifiers.storage,
            thresholds: own + [
                Threshold("walks", 7), Threshold("goodWalks", 5), Threshold("cellLevel", isMain ? 10 : 16),
                Threshold("windowFirst", window.lowerBound), Threshold("windowLast", window.upperBound),
            ], meter: "MiB", bonding: .held, bondMin: Amount(units: (isMain ? 100 : 1) * Amount.one.units),
            crowding: .none, subsidy: .fading, sharePPM: share, witnessPPM: 50_000)
    }
}

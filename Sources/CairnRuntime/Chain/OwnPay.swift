import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads
import CairnWire

/// What this node's own devices were paid for the newest epoch that is settled, and what its validator lost. Looked up once
/// in an epoch, so that whoever asks for it waits for no disk.
struct OwnPay: Sendable, Equatable {
    struct Row: Sendable, Equatable {
        let resource: ResourceID
        let reward: Reward
    }

    let epoch: Epoch
    let rows: [Row]
    /// By the epoch of the votes that did not fit together.
    let slashed: [Epoch: Amount]

    /// An epoch is settled when all of its verdicts are in: one or two later.
    private static let epochsBack: UInt64 = 4

    /// Nil while no epoch of the last few is settled.
    init?(of devices: [PublicKey], votingAs key: PublicKey?, before epoch: Epoch, in state: some StateReader)
        throws(StateError)
    {
        var settled: Epoch?
        var slashed: [Epoch: Amount] = [:]
        for back in 1...Self.epochsBack where back <= epoch.number {
            let earlier = Epoch(epoch.number - back)
            if let key, let punishment = try state.load(RecordKey<Punishment>.punishment(of: key, in: earlier)) {
                slashed[earlier] = punishment.slashed
            }
            guard settled == nil else { continue }
            for profile in Profile.allCases
            where try state.load(RecordKey<EpochResult>.result(earlier, profile)) != nil { settled = earlier }
        }
        guard let settled else { return nil }
        var rows: [Row] = []
        for device in devices {
            guard let name = try state.load(RecordKey<ResourceName>.device(device)),
                let reward = try state.load(RecordKey<Reward>.reward(settled, name.id))
            else { continue }
            rows.append(Row(resource: name.id, reward: reward))
        }
        (self.epoch, self.rows, self.slashed) = (settled, rows, slashed)
    }

    var json: JSON {
        [
            "epoch": JSON(epoch.number),
            "resources": .array(
                rows.map { row in
                    [
                        "resource": .string(row.resource.description), "service": .string(row.reward.profile.name),
                        "verdicts": JSON(row.reward.verdicts), "total_units": JSON(row.reward.total.units),
                        "held_units": JSON(row.reward.held.units),
                        "reasons": .array(row.reward.reasons.list.map { .string("\($0)") }),
                    ]
                }),
        ]
    }
}

/// What came of it since the node started.
struct OwnPayTotals {
    private(set) var newest: OwnPay?
    private(set) var paidUnits: UInt64 = 0
    private(set) var slashedUnits: UInt64 = 0
    private var slashedIn: Set<Epoch> = []

    mutating func take(_ pay: OwnPay) {
        for (epoch, amount) in pay.slashed where slashedIn.insert(epoch).inserted {
            slashedUnits = slashedUnits.addingReportingOverflow(amount.units).partialValue
        }
        guard pay.epoch > newest?.epoch ?? Epoch(0) || newest == nil else { return }
        let isFirst = newest == nil
        newest = pay
        // What was paid before the start is no pay since then.
        guard !isFirst else { return }
        for row in pay.rows { paidUnits = paidUnits.addingReportingOverflow(row.reward.total.units).partialValue }
    }
}

extension ChainShell {
    /// Has it looked up; what is known stays where too much is being looked up.
    func lookUpPay() {
        guard !devices.isEmpty || configuration.keys != nil else { return }
        let (devices, key, epoch) = (devices, configuration.keys?.vote, core.consensus.position.epoch)
        // The store's thread writes it, and its answer comes later.
        let found = Guarded<OwnPay?>(nil)
        read { store throws(StoreError) in
            do throws(StateError) {
                let pay = try OwnPay(of: devices, votingAs: key, before: epoch, in: store.state)
                found.withLock { $0 = pay }
                return .null
            } catch {
                throw StoreError(error)
            }
        } _: { [weak self] answer in
            guard answer != nil, let pay = found.withLock({ $0 }) else { return }
            self?.pay.take(pay)
        }
    }
}

import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads
import CairnWire

/// What this node's own devices were paid for the newest epoch that is settled, what its validator lost, and what evidence is of
/// no more use. Looked up once in an epoch, so that whoever asks for it waits for no disk.
struct OwnPay: Sendable, Equatable {
    struct Row: Sendable, Equatable {
        let resource: ResourceID
        let reward: Reward
    }

    /// Nil while no epoch is settled.
    let epoch: Epoch?
    let rows: [Row]
    /// By the epoch of the votes that did not fit together, as far back as a bond is liable.
    let slashed: [Epoch: Amount]
    /// Of the evidence that was asked about, that for which the chain would punish nobody any more.
    let closed: [Contradiction]

    /// Bonds may be liable for years of short epochs; so far back is looked.
    private static let epochsBack: UInt64 = 4_096

    /// - Parameter epoch: that of the next block.
    init(
        of devices: [PublicKey], votingAs key: PublicKey?, holding evidence: [Contradiction], before epoch: Epoch,
        in state: some StateReader
    ) throws(StateError) {
        guard let parameters = try state.load(RecordKey<Parameters>.parameters) else {
            throw .damaged(RecordKey<Parameters>.parameters.key)
        }
        let liable = min(parameters.evidenceEpochs, epoch.number, Self.epochsBack)
        var slashed: [Epoch: Amount] = [:]
        if let key {
            for back in 0...liable {
                let earlier = epoch.preceding(by: back)
                let punishment = try state.load(RecordKey<Punishment>.punishment(of: key, in: earlier))
                if let punishment { slashed[earlier] = punishment.slashed }
            }
        }
        self.slashed = slashed
        var closed: [Contradiction] = []
        for contradiction in evidence {
            let punishment = try state.load(
                RecordKey<Punishment>.punishment(of: contradiction.key, in: contradiction.epoch))
            let isLiable = contradiction.epoch.advanced(by: parameters.evidenceEpochs) >= epoch
            if punishment != nil || !isLiable { closed.append(contradiction) }
        }
        self.closed = closed
        let lag = parameters.settlementLag
        guard epoch.number > lag else {
            (self.epoch, rows) = (nil, [])
            return
        }
        let settled = epoch.preceding(by: lag + 1)
        var rows: [Row] = []
        for device in devices {
            guard let name = try state.load(RecordKey<ResourceName>.device(device)),
                let reward = try state.load(RecordKey<Reward>.reward(settled, name.id))
            else { continue }
            rows.append(Row(resource: name.id, reward: reward))
        }
        (self.epoch, self.rows) = (settled, rows)
    }

    var json: JSON {
        [
            "epoch": epoch.map { JSON($0.number) } ?? .null,
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
    private var last: OwnPay?
    private(set) var paidUnits: UInt64 = 0
    private(set) var slashedUnits: UInt64 = 0

    /// Nil until an epoch is settled.
    var newest: OwnPay? { last?.epoch == nil ? nil : last }

    /// What the first look finds was paid and lost before the start.
    mutating func take(_ pay: OwnPay) {
        guard let last else { return last = pay }
        guard pay.epoch >= last.epoch else { return }
        defer { self.last = pay }
        for (epoch, amount) in pay.slashed where last.slashed[epoch] == nil {
            slashedUnits = slashedUnits.addingReportingOverflow(amount.units).partialValue
        }
        guard pay.epoch > last.epoch else { return }
        for row in pay.rows { paidUnits = paidUnits.addingReportingOverflow(row.reward.total.units).partialValue }
    }
}

extension Optional<Epoch> {
    /// None comes before all.
    fileprivate static func > (one: Self, other: Self) -> Bool {
        guard let one else { return false }
        return other.map { one > $0 } ?? true
    }

    fileprivate static func >= (one: Self, other: Self) -> Bool { one == other || one > other }
}

extension ChainShell {
    /// Has it looked up; what is known stays where too much is being looked up.
    func lookUpPay() {
        let (devices, key, held) = (devices, configuration.keys?.vote, evidence.known ?? [])
        guard !devices.isEmpty || key != nil || !held.isEmpty else { return }
        // The store's thread writes it, and its answer comes later.
        let found = Guarded<OwnPay?>(nil)
        read { store throws(StoreError) in
            do throws(StateError) {
                guard let head = store.head, let parameters = try store.state.load(RecordKey<Parameters>.parameters)
                else { return .null }
                let pay = try OwnPay(
                    of: devices, votingAs: key, holding: held, before: parameters.epoch(of: head.height.next),
                    in: store.state)
                found.withLock { $0 = pay }
                return .null
            } catch {
                throw StoreError(error)
            }
        } _: { [weak self] answer in
            guard answer != nil, let pay = found.withLock({ $0 }) else { return }
            self?.pay.take(pay)
            self?.evidence.close(pay.closed)
        }
    }
}

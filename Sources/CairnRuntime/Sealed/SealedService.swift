import CairnBase
import CairnCrypto
import CairnStorage
import CairnStore
import CairnTransport
import CairnWire
import CairnWitness

/// A node's sealed partitions: made one unit after the other once the chain knows whose they are, and shown to witnesses when
/// they are whole.
final class SealedService {
    struct Partition {
        let identity: SealedFile.Identity
        /// How many are sealed.
        var units = 0
        /// It could not be read or written, and is left alone for a while.
        var isFailed = false
        /// Known when it is whole and open.
        var roots: PartitionRoots?
    }

    private let network: PeerNetwork
    private let chain: ChainShell
    private let configuration: SealedConfiguration
    private let log: Logger
    private var sealer: Worker<SealingDesk.Job, SealingDesk.Product>?
    /// Walks have no time to wait behind what shows them, which hashes whole units.
    private var walker: Worker<ProvingDesk.Job, ProvingDesk.Product>?
    private var shower: Worker<ProvingDesk.Job, ProvingDesk.Product>?
    private var waiting = ServedQuestions<(PieceStatus, [UInt8])>()
    private var view: SealedView?
    private(set) var partitions: [Partition] = []
    /// Questions that were not taken, because too many waited.
    var unserved: UInt64 { waiting.refused }
    private var isDiskFull = false

    private static let jobsMax = 256
    /// Before the disk is looked at again.
    private static let pause = TimeSpan.seconds(30)

    init(
        _ network: PeerNetwork, _ chain: ChainShell, _ configuration: SealedConfiguration, log: Logger
    ) throws(SystemError) {
        self.network = network
        self.chain = chain
        self.configuration = configuration
        self.log = log
        let id = chain.chain
        sealer = try Worker(
            name: "seal", on: network.loop, capacity: 4,
            makeWork: {
                let desk = SealingDesk(configuration)
                return { desk.handle($0) }
            }, complete: { [weak self] in self?.take($0) })
        func prover(_ name: String) throws(SystemError) -> Worker<ProvingDesk.Job, ProvingDesk.Product> {
            try Worker(
                name: name, on: network.loop, capacity: Self.jobsMax,
                makeWork: {
                    let desk = ProvingDesk(configuration, on: id)
                    return { desk.handle($0) }
                }, complete: { [weak self] in self?.take($0) })
        }
        walker = try prover("walk")
        shower = try prover("show")
        chain.onSealed = { [weak self] in self?.take($0) }
        lookAgain()
    }

    /// Ends what is under way; what was sealed stays.
    func close() {
        sealer?.finish()
        walker?.finish()
        shower?.finish()
        (sealer, walker, shower) = (nil, nil, nil)
    }

    /// Until the chain knows a sealed resource of this device.
    private func lookAgain() {
        guard view == nil else { return }
        chain.ask(.sealed(by: configuration.device.device))
        network.loop.after(.seconds(1)) { [weak self] in self?.lookAgain() }
    }

    private func take(_ view: SealedView) {
        guard self.view == nil else { return }
        self.view = view
        let bytes = UInt64(view.units) * UInt64(StorageUnits.unitBytes)
        let count = min(UInt64(view.partitions), configuration.room / max(1, bytes))
        partitions = (0..<UInt32(clamping: count)).map { Partition(identity: view.identity($0, on: chain.chain)) }
        log.info("sealing", ["resource": .id(view.provider), "partitions": .count(partitions.count)])
        sealNext()
    }

    private func sealNext() {
        let isOpen = { (partition: Partition) in partition.units < Int(partition.identity.units) && !partition.isFailed
        }
        guard let next = partitions.first(where: isOpen) else { return }
        _ = sealer?.submit(SealingDesk.Job(identity: next.identity))
    }

    private func take(_ product: SealingDesk.Product) {
        switch product {
        case .sealed(let identity, let units):
            isDiskFull = false
            guard let place = partitions.firstIndex(where: { $0.identity == identity }) else { return }
            partitions[place].units = units
            if units == Int(identity.units) { open(identity) }
            sealNext()
        case .full(let identity):
            if !isDiskFull {
                log.warn("sealing waits for room on the disk", ["partition": .count(Int(identity.partition))])
            }
            isDiskFull = true
            network.loop.after(Self.pause) { [weak self] in self?.sealNext() }
        case .failed(let identity, let error):
            log.error(
                "a partition cannot be sealed",
                ["partition": .count(Int(identity.partition)), "reason": .text("\(error)")])
            setAside(identity)
            sealNext()
        }
    }

    /// The others go on meanwhile.
    private func setAside(_ identity: SealedFile.Identity) {
        guard let place = partitions.firstIndex(where: { $0.identity == identity }) else { return }
        partitions[place].isFailed = true
        network.loop.after(Self.pause) { [weak self] in
            self?.partitions[place].isFailed = false
            self?.sealNext()
        }
    }

    private func open(_ identity: SealedFile.Identity) {
        guard let view else { return }
        for prover in [walker, shower] { _ = prover?.submit(.open(identity, steps: view.walk.steps)) }
    }

    private func take(_ product: ProvingDesk.Product) {
        switch product {
        case .opened(let identity, let roots):
            // Both say so; the second may have nothing new.
            guard let place = partitions.firstIndex(where: { $0.identity == identity && $0.roots == nil }) else {
                return
            }
            partitions[place].roots = roots
            log.info("a partition is sealed", ["partition": .count(Int(identity.partition))])
        case .failed(let identity, let error):
            log.error(
                "a sealed partition cannot be read",
                ["partition": .count(Int(identity.partition)), "reason": .text("\(error)")])
        case .answered(let status, let bytes, let ticket): waiting.close(ticket)?((status, bytes))
        }
    }

    /// Answers a witness.
    func answer(_ question: PieceQuestion, for node: NodeID, _ done: @escaping (PieceStatus, [UInt8]) -> Void) {
        guard let ticket = waiting.open(for: node, { done($0.0, $0.1) }) else { return done(.busy, []) }
        let isWalk = if case .walk = question { true } else { false }
        if (isWalk ? walker : shower)?.submit(.answer(question, ticket: ticket)) != true {
            waiting.close(ticket)?((.busy, []))
        }
    }

    /// Of all partitions, in units.
    var progress: (sealed: Int, all: Int) {
        partitions.reduce((0, 0)) { ($0.0 + $1.units, $0.1 + Int($1.identity.units)) }
    }

    var document: JSON {
        [
            "resource": view.map { .string("\($0.provider)") } ?? .null, "isDiskFull": .bool(isDiskFull),
            "partitions": .array(
                partitions.map { partition in
                    [
                        "partition": JSON(UInt64(partition.identity.partition)),
                        "units": JSON(UInt64(partition.identity.units)), "sealed": JSON(UInt64(partition.units)),
                        "packed": partition.roots.map { .string("\($0.packed)") } ?? .null,
                        "manifest": partition.roots.map { .string("\($0.manifest)") } ?? .null,
                    ]
                }),
        ]
    }
}

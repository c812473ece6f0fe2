import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire

/// Looking the database over while the node runs, a little at a time, and having peers give back blocks that are damaged.
extension ChainShell {
    private static let stepsBetweenSaves = 120

    static func scrubFile(in directory: String, log: Logger) -> CheckedFile {
        CheckedFile(directory + "/chain.scrub", DomainTag("cn/scrub"), log: log)
    }

    /// The next step, after a while: not while the node catches up, which needs the disk more.
    func scrubLater() {
        loop.after(configuration.scrub.pause) { [weak self] in
            guard let self, !isStopped else { return }
            if core.syncTarget(at: loop.now) != nil || !ask(.scrub(scrub.position.place, configuration.scrub)) {
                scrubLater()
            }
        }
    }

    func scrubbed(_ step: ChainScrubStep) {
        for damage in scrub.take(step) {
            log.error(
                "a row of the chain's database is damaged",
                [
                    "row": .text(damage.row),
                    "repair": .text(damage.block == nil ? "none" : "asking peers for the block"),
                ])
        }
        for block in scrub.wanted() { handle(.damaged(block.digest, at: block.height)) }
        if step.isLast || scrub.takesSave(every: Self.stepsBetweenSaves) { saveScrub() }
        scrubLater()
    }

    func saveScrub() {
        Self.scrubFile(in: configuration.directory, log: log).replace(with: scrub.position.encoded)
    }

    func repaired(_ height: Height, _ repair: BlockRepair) {
        scrub.repaired(height, repair)
        let fields: LogFields = ["height": .ordinal(height)]
        switch repair {
        case .restored: log.info("a damaged block is what it was again", fields)
        case .replaced:
            log.warn("a damaged block is here again, without the state root after it and a proof of its own", fields)
        case .notPossible: log.error("a damaged block cannot be repaired from peers", fields)
        case .notWanted: break
        }
    }

    /// What the status says of it.
    var damageStatus: JSON {
        [
            "rows": .array(scrub.rows.map { .string($0) }), "unnamed": JSON(scrub.counters.unnamed),
            "scrubbed": JSON(scrub.counters.rows), "passes": JSON(scrub.passes),
            "repaired": JSON(scrub.counters.restored + scrub.counters.replaced),
        ]
    }
}

extension StoreDesk {
    /// Puts back a block of the past, as the state knows its proposer; of a committee that the state has forgotten, nobody.
    func repair(_ block: Block, _ digest: Digest) throws(StoreError) -> Answer {
        let header = block.header
        let proposer: AccountID
        do throws(StateError) {
            proposer = try store.state.proposer(of: header) ?? AccountID(.zero)
        } catch {
            throw StoreError(error)
        }
        let repair = try store.repair(
            StoredBlock(
                height: header.height, epoch: header.epoch, view: header.view, time: header.time, proposer: proposer,
                digest: digest, parent: header.parent, header: header.encoded, payload: block.payload.bytes,
                certificate: []))
        return .repaired(header.height, repair)
    }
}

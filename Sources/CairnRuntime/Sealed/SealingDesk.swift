import CairnBase
import CairnCrypto
import CairnStorage
import CairnStore
import Glibc

/// Seals unit after unit on a thread of its own, behind everything else that the machine has to do.
final class SealingDesk {
    /// The next unit of a partition.
    struct Job: Sendable {
        let identity: SealedFile.Identity
    }

    enum Product: Sendable {
        case sealed(SealedFile.Identity, units: Int)
        case full(SealedFile.Identity)
        case failed(SealedFile.Identity, StoreError)
    }

    private let configuration: SealedConfiguration
    private var open: SealedFile?

    init(_ configuration: SealedConfiguration) {
        self.configuration = configuration
        // On Linux this is about the calling thread alone.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    }

    func handle(_ job: Job) -> Product {
        do throws(StoreError) {
            return try seal(job.identity)
        } catch {
            open = nil
            return .failed(job.identity, error)
        }
    }

    private func seal(_ identity: SealedFile.Identity) throws(StoreError) -> Product {
        let file: SealedFile
        if let open, open.identity == identity {
            file = open
        } else {
            file = try SealedFile(directory: configuration.directory, identity)
            open = file
            // What was sealed before is told before anything is added.
            return .sealed(identity, units: file.roots.count)
        }
        guard !file.isWhole else { return .sealed(identity, units: file.roots.count) }
        let need = configuration.reserve + UInt64(StorageUnits.unitBytes)
        guard SealedFile.free(in: configuration.directory, configuration.space).map({ $0 >= need }) ?? true else {
            return .full(identity)
        }
        guard let pad = Pad(passes: Int(identity.passes)) else {
            throw .damaged(row: "the profile's \(identity.passes) passes")
        }
        let sealing = Sealing(chain: identity.chain, provider: identity.provider, pad: pad, using: Blake2b())
        let place = UInt32(clamping: file.roots.count)
        guard let unit = PackedPartition.filler(place, of: identity.partition, sealing: sealing) else {
            throw .damaged(row: "unit \(place) of sealed partition \(identity.partition)")
        }
        try file.append(unit.bytes, root: unit.root)
        return .sealed(identity, units: file.roots.count)
    }
}

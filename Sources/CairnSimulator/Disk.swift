import CairnBase

/// One server's disk: files, names, a write cache, and its ways to fail.
///
/// Requests are answered in order, each after its own latency. What is visible and what is durable are kept apart for
/// bytes (`SimulatedFile`) and for names: a rename is seen at once, and survives power loss for certain only after a
/// directory sync.
struct Disk {
    /// More than any protocol here stores; beyond it is a mistake in the process, not a full disk.
    static let fileSizeLimit = 1 << 28

    /// The directory as a small sorted map from name to file.
    private typealias Names = [String: Int]

    private enum NameChange {
        case link(String, Int)
        case unlink(String)
        case move(from: String, to: String, Int)
    }

    /// What an answer does to the platter at the moment it is given.
    enum Commitment {
        case none
        case file(Int, mark: UInt64)
        case names(mark: Int)
    }

    /// An answer under way. `epoch` tells answers of before a power loss from later ones.
    struct Answer {
        let token: DiskToken
        let result: DiskResult
        let commitment: Commitment
        let epoch: UInt32
    }

    private let id: ProcessID
    private var files: [SimulatedFile] = []
    private var names: Names = [:]
    private var durableNames: Names = [:]
    private var pendingNames: [NameChange] = []
    private var committedNames = 0
    private var freeAt = Instant.origin
    private var requests: UInt64 = 0
    private(set) var epoch: UInt32 = 0
    private(set) var isDamaged = false
    /// Spells of a full disk, and of one that takes writes into its cache and fails to sync them, end here.
    var fullUntil = Instant.origin
    var failingUntil = Instant.origin

    init(id: ProcessID) {
        self.id = id
    }

    var image: DiskImage {
        DiskImage(
            entries: names.sorted { $0.key < $1.key }.map {
                DiskImage.Entry(name: $0.key, bytes: files[$0.value].visible)
            })
    }

    /// What a read would give now.
    func contents(of name: String) -> [UInt8]? { names[name].map { files[$0].visible } }

    // MARK: - Requests

    /// Applies a request to what is visible, and says when and how it will be answered.
    mutating func accept(
        _ request: DiskRequest, token: DiskToken, at now: Instant, options: SwarmOptions, faults: inout FaultInjector
    ) -> (answer: Answer, at: Instant) {
        let number = requests
        requests += 1
        var stream = faults.stream(for: Fault(.diskStall, process: id, number: number))
        var latency = TimeSpan.microseconds(20)
        if request.isSync { latency = stream.span(options.syncLatency.lowerBound, options.syncLatency.upperBound) }
        if faults.strikes(.diskStall, id, number: number, ppm: options.diskStallPPM, at: now, "\(request)") {
            latency = latency + stream.span(.milliseconds(50), .seconds(3))
        }
        let (result, commitment) = perform(request, number: number, at: now, options: options, faults: &faults)
        freeAt = max(freeAt, now) + latency
        return (Answer(token: token, result: result, commitment: commitment, epoch: epoch), freeAt)
    }

    private mutating func perform(
        _ request: DiskRequest, number: UInt64, at now: Instant, options: SwarmOptions, faults: inout FaultInjector
    ) -> (DiskResult, Commitment) {
        let isFailing = now < failingUntil
        func fails(_ kind: FaultKind, _ ppm: UInt64, _ faults: inout FaultInjector) -> Bool {
            faults.strikes(kind, id, number: number, ppm: ppm, at: now, "\(request)")
        }
        switch request {
        case .write(let name, let offset, let bytes):
            invariant(offset >= 0 && offset + bytes.count <= Self.fileSizeLimit, "\(id) writes within the file limit")
            if now < fullUntil || fails(.diskFull, options.diskFullPPM, &faults) { return (.failed(.full), .none) }
            if fails(.writeError, options.writeErrorPPM, &faults) {
                return (.failed(.inputOutput), .none)
            }
            files[open(name)].apply(.write(offset: offset, bytes: bytes))
            return (.done, .none)
        case .truncate(let name, let count):
            invariant(count >= 0 && count <= Self.fileSizeLimit, "\(id) truncates within the file limit")
            if fails(.writeError, options.writeErrorPPM, &faults) {
                return (.failed(.inputOutput), .none)
            }
            files[open(name)].apply(.truncate(count: count))
            return (.done, .none)
        case .sync(let name):
            guard let file = names[name] else { return (.failed(.notFound), .none) }
            let mark = files[file].mark
            if isFailing || fails(.syncError, options.syncErrorPPM, &faults) {
                files[file].abandon(upTo: mark)
                return (.failed(.inputOutput), .none)
            }
            return (.done, .file(file, mark: mark))
        case .read(let name, let offset, let count):
            guard let file = names[name], offset >= 0, count >= 0 else { return (.failed(.notFound), .none) }
            return (.read(Array(files[file].visible.dropFirst(offset).prefix(count))), .none)
        case .rename(let from, let to):
            guard let file = names[from] else { return (.failed(.notFound), .none) }
            change(.move(from: from, to: to, file))
            return (.done, .none)
        case .remove(let name):
            guard names[name] != nil else { return (.failed(.notFound), .none) }
            change(.unlink(name))
            return (.done, .none)
        case .syncDirectory:
            if isFailing || fails(.syncError, options.syncErrorPPM, &faults) {
                return (.failed(.inputOutput), .none)
            }
            return (.done, .names(mark: committedNames + pendingNames.count))
        }
    }

    /// The file of that name, made empty if it is new.
    private mutating func open(_ name: String) -> Int {
        if let file = names[name] { return file }
        files.append(SimulatedFile())
        change(.link(name, files.count - 1))
        return files.count - 1
    }

    private mutating func change(_ change: NameChange) {
        Self.apply(change, to: &names)
        pendingNames.append(change)
    }

    private static func apply(_ change: NameChange, to names: inout Names) {
        switch change {
        case .link(let name, let file): names[name] = file
        case .unlink(let name): names[name] = nil
        case .move(let from, let to, let file):
            names[from] = nil
            names[to] = file
        }
    }

    /// The moment of an answer: what it made durable is durable now, even if the process that asked is dead.
    mutating func settle(_ answer: Answer) {
        guard answer.epoch == epoch else { return }
        switch answer.commitment {
        case .none: break
        case .file(let file, let mark): files[file].commit(upTo: mark)
        case .names(let mark): commitNames(upTo: mark)
        }
    }

    private mutating func commitNames(upTo mark: Int) {
        let count = min(pendingNames.count, max(0, mark - committedNames))
        for change in pendingNames.prefix(count) { Self.apply(change, to: &durableNames) }
        pendingNames.removeFirst(count)
        committedNames += count
    }

    // MARK: - Faults

    /// Power loss: the directory keeps a prefix of its pending changes, as a journalling file system does; each file
    /// loses or tears what was not synced. Answers how many sectors were torn.
    mutating func losePower(options: SwarmOptions, using random: inout SeededRandom, mayTear: Bool) -> Int {
        commitNames(upTo: committedNames + Int(random.below(UInt64(pendingNames.count) + 1)))
        pendingNames = []
        committedNames = 0
        names = durableNames
        var torn = 0
        for index in files.indices {
            torn += files[index].losePower(
                sectorSize: options.sectorSize, tornPPM: mayTear ? options.tornSectorPPM : 0, using: &random)
        }
        freeAt = .origin
        epoch += 1
        return torn
    }

    /// Turns a bit in one of these files, which somebody mends. Answers which.
    mutating func rot(_ candidates: [String], using random: inout SeededRandom) -> String? {
        guard let name = candidates.randomElement(using: &random), let file = names[name],
            files[file].rot(using: &random)
        else { return nil }
        return name
    }

    /// Turns a bit in one of the named files. Answers which.
    mutating func rot(using random: inout SeededRandom) -> String? {
        let candidates = names.keys.sorted()
        guard let name = candidates.randomElement(using: &random), let file = names[name],
            files[file].rot(using: &random)
        else { return nil }
        isDamaged = true
        return name
    }
}

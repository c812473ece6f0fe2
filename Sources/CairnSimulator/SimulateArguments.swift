public import CairnBase

/// The command line of `cairn-sim`, read strictly: what is not understood is refused with a sentence.
public struct SimulateArguments: Sendable, Equatable {
    public var protocolName = "register"
    public var seed: UInt64 = 1
    public var seeds: UInt64 = 1
    public var servers: Int?
    public var safety: TimeSpan?
    public var plantedBug: String?
    public var selection = FaultSelection.all
    public var logsLast = 20
    /// Runs every seed twice and compares the traces.
    public var runsTwice = false
    public var shrinks = true
    public var isJSON = false
    public var wantsHelp = false
    /// Goes on with further seeds until this much real time has passed.
    public var forSeconds: UInt64?

    public struct Refusal: Error, Equatable, Sendable {
        public let message: String

        public init(message: String) {
            self.message = message
        }
    }

    public static let usage = """
        usage: scripts/simulate [PROTOCOL] [--seed N] [--seeds K] [--nodes N] [--until SECONDS] [--bug NAME]
                                [--only FAULT,…] [--log N] [--twice] [--no-shrink] [--for SECONDS] [--json]

          PROTOCOL        \(Catalogue.entries.map(\.name).joined(separator: ", ")) (default register)
          --seed N        the first seed (default 1)
          --seeds K       how many seeds, counting up (default 1)
          --nodes N       servers, instead of the drawn number
          --until S       length of the safety phase in simulated seconds
          --bug NAME      plant a bug, to see it found; a wrong name lists the right ones
          --only LIST     inject exactly these faults, as a failure prints them; an empty list injects none
          --log N         events to print before a failure (default 20)
          --twice         run each seed twice and compare the traces
          --no-shrink     do not look for the smallest set of faults that fails
          --for S         go on with fresh seeds for S real seconds, or until one fails
          --json          end with one line of JSON
        """

    public init(_ words: [String]) throws(Refusal) {
        var rest = words[...]
        var hasProtocol = false
        while let word = rest.popFirst() {
            switch word {
            case "--seed": seed = try Self.number(word, &rest)
            case "--seeds": seeds = try Self.number(word, &rest, in: 1...UInt64.max)
            case "--nodes": servers = Int(try Self.number(word, &rest, in: 1...1_000))
            case "--until": safety = .seconds(try Self.number(word, &rest, in: 1...10_000_000))
            case "--log": logsLast = Int(try Self.number(word, &rest, in: 0...100_000))
            case "--for": forSeconds = try Self.number(word, &rest, in: 1...10_000_000)
            case "--bug": plantedBug = try Self.value(word, &rest)
            case "--only": selection = .only(try Self.faults(try Self.value(word, &rest)))
            case "--twice": runsTwice = true
            case "--no-shrink": shrinks = false
            case "--json": isJSON = true
            case "--help", "-h": wantsHelp = true
            case _ where word.hasPrefix("-") || hasProtocol:
                throw Refusal(message: "unknown argument '\(word)'; --help lists what there is")
            default:
                protocolName = word
                hasProtocol = true
            }
        }
        try check()
    }

    private func check() throws(Refusal) {
        guard let entry = Catalogue.entry(named: protocolName) else {
            let names = Catalogue.entries.map(\.name).joined(separator: ", ")
            throw Refusal(message: "no protocol '\(protocolName)'; there are \(names)")
        }
        if let plantedBug, !entry.plantedBugs.contains(plantedBug) {
            let names = entry.plantedBugs.isEmpty ? "none" : entry.plantedBugs.joined(separator: ", ")
            throw Refusal(message: "no planted bug '\(plantedBug)' in \(protocolName); there are: \(names)")
        }
    }

    private static func value(_ flag: String, _ rest: inout ArraySlice<String>) throws(Refusal) -> String {
        guard let value = rest.popFirst() else { throw Refusal(message: "\(flag) needs a value") }
        return value
    }

    private static func number(
        _ flag: String, _ rest: inout ArraySlice<String>, in range: ClosedRange<UInt64> = 0...UInt64.max
    ) throws(Refusal) -> UInt64 {
        let text = try value(flag, &rest)
        guard let number = UInt64(text), range.contains(number) else {
            let bounds =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw Refusal(message: "\(flag) needs a whole number \(bounds), not '\(text)'")
        }
        return number
    }

    private static func faults(_ list: String) throws(Refusal) -> Set<Fault> {
        var faults = Set<Fault>()
        for text in list.split(separator: ",") {
            guard let fault = Fault(text) else {
                throw Refusal(message: "'\(text)' names no fault; one looks like lost:0:2:117")
            }
            faults.insert(fault)
        }
        return faults
    }

    /// The command that runs one seed again, with everything else as it is here.
    public func replayCommand(seed: UInt64, only faults: [Fault]? = nil) -> String {
        var words = ["scripts/simulate", protocolName, "--seed", "\(seed)"]
        if let servers { words += ["--nodes", "\(servers)"] }
        if let safety { words += ["--until", "\(safety.milliseconds / 1_000)"] }
        if let plantedBug { words += ["--bug", plantedBug] }
        var chosen = faults
        if chosen == nil, case .only(let set) = selection { chosen = set.sorted() }
        if let chosen {
            let list = chosen.map(\.description).joined(separator: ",")
            words += ["--only", list.isEmpty ? "''" : list]
        }
        return words.joined(separator: " ")
    }

    public func request(seed: UInt64) -> RunRequest {
        var request = RunRequest(seed: seed)
        request.servers = servers
        request.safety = safety
        request.plantedBug = plantedBug
        request.selection = selection
        return request
    }
}

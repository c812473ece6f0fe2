import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire

/// The commands that read a chain, as questions that programs ask a running node over HTTP and JSON-RPC.
///
/// Path, name, parameters and their checks are made from the command, and the answer is its `--json` document: whoever
/// knows `cairn rewards list --epoch 12 --json` knows `GET /v1/rewards/list?epoch=12`. Required words stand in the path,
/// all else in the query.
extension ChainQuestion {
    private static let commands: [Command] = [
        .chainStatus, .chainBlock, .chainTransaction, .chainAccount, .chainSupply, .chainCommittee,
        .rewardsList, .rewardsHistory, .rewardsExplain, .proofsList, .proofsShow, .resourceList, .resourceShow,
        .validatorList,
        .governmentList, .governmentShow, .parameters, .whyOnChain,
    ]

    /// To look at the past, a chain is run again from its blocks: minutes of work that others must not be able to order.
    private static let kept = ["at", "watch"]

    /// All that can be asked of the chain of a home.
    static func all(of home: Home, _ session: Session) -> [ChainQuestion] {
        commands.map { ChainQuestion($0, of: home, session) }
    }

    private init(_ command: Command, of home: Home, _ session: Session) {
        let flags = command.flags.filter { !Self.kept.contains($0.name) }
        let required = command.arguments.filter(\.isRequired)
        let path = (["/v1"] + command.path + required.map { "{\($0.name.lowercased())}" }).joined(separator: "/")
        let parameters =
            command.arguments.map(HTTPParameter.init) + flags.compactMap { HTTPParameter($0) }
        let (table, surroundings) = (session.table, session.surroundings)
        self.init(command.path.joined(separator: "."), at: path, taking: parameters, command.summary) { values in
            let out = MemorySink()
            var words = ["--json", "--home=\(home.path)"] + command.path
            for flag in flags {
                if let value = values[flag.name] { words.append("--\(flag.name)=\(value)") }
            }
            // What follows is never a flag, whatever it looks like.
            words.append("--")
            words += command.arguments.compactMap { values[$0.name.lowercased()] }
            do throws(Failure) {
                guard case .run(let invocation) = try Parser.parse(words, with: table) else {
                    return .problem(.badRequest, "this is no question")
                }
                let asked = Session(
                    invocation: invocation, table: table, surroundings: surroundings, out: out, notes: MemorySink())
                _ = try command.run(asked)
                return HTTPResponse(.ok, type: "application/json", body: Array(out.text.utf8))
            } catch {
                return HTTPResponse(error)
            }
        }
    }
}

extension HTTPParameter {
    fileprivate init(_ argument: Argument) {
        self.init(
            argument.name.lowercased(), in: argument.isRequired ? .path : .query, Kind(argument.value) ?? .text,
            example: argument.example, argument.summary)
    }

    fileprivate init?(_ flag: FlagDeclaration) {
        guard let kind = Kind(flag.value) else { return nil }
        self.init(flag.name, in: .query, kind, example: kind.example, flag.summary)
    }
}

extension HTTPParameter.Kind {
    /// Nil for what makes no sense from afar.
    fileprivate init?(_ value: ValueKind) {
        switch value {
        case .text, .label: self = .text
        case .integer(_, let range): self = .integer(range)
        case .choice(let words): self = .choice(words)
        case .none, .path, .span, .optionalSpan: return nil
        }
    }

    fileprivate var example: String? {
        if case .integer(let range) = self { "\(range.lowerBound)" } else { nil }
    }
}

extension Argument {
    /// What every chain can be asked about; where that is nothing, the answer is that there is no such thing.
    fileprivate var example: String {
        switch name {
        case "BLOCK", "NUMBER": "0"
        case "ID": String(repeating: "0", count: 64)
        case "ACCOUNT": AccountID(Bytes32.zero).text
        case "WHAT": "badLeaf"
        default: "0000"
        }
    }
}

extension HTTPResponse {
    /// A command's error as a problem document: its slug is the code, its first hint the hint.
    fileprivate init(_ failure: Failure) {
        let status: HTTPStatus =
            switch failure.code.exit {
            case .usage: .badRequest
            case .notFound: .notFound
            case .locked, .refused: .forbidden
            case .conflict: .conflict
            case .timedOut: .unavailable
            default: .internalError
            }
        self = .problem(
            status, code: failure.code.slug, "\(failure.message) [\(failure.code.rawValue)]",
            hint: failure.hints.first?.line)
    }
}

import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

extension Command {
    private static let what = Argument(
        name: "WHAT", summary: "A reason, an outcome, a transaction, a resource, an epoch or a peer",
        value: .text("WHAT"))

    static let why = Command(
        path: ["why"],
        summary:
            "Explain a reason, a transaction that failed, what a resource or an epoch paid, or a peer that is away",
        text: [
            "WHAT is a reason or outcome as other commands print it (badLeaf, nonceUsed), the id of a transaction, or a "
                + "resource. For a resource it names, the most frequent first, why verdicts of the last hundred did not pass or "
                + "paid less, and what else keeps pay away from it. For the number of an epoch it says whether that is settled, what "
                + "its verdicts say and what was paid.",
            "Or it is a peer, by its id, its three words, its address and port, or a multiaddr: then it is said what the node of "
                + "this user knows of it, when it was tried and what came of that, and whether this machine reaches it now.",
        ],
        arguments: [what],
        examples: [
            Example("cairn why badLeaf", "Says what the reason means."),
            Example("cairn why mystic-chalk-jaguar", "Says why the node is not connected with that peer."),
        ],
        exits: ChainFlags.exits + [.unreachable, .timedOut],
        run: { session throws(Failure) in
            let what = session.invocation.argument(0) ?? ""
            guard meaning(of: what) == nil, UInt64(what) == nil, let mention = PeerMention(what) else {
                return try whyOnChain.run(session)
            }
            let explanation = try PeerExplanation(mention, what, of: NodeFinder(session).find())
            session.answer(explanation.facts.members, explanation.text)
            return .ok
        })

    /// The part of it that others may ask: it reads the chain and dials nobody.
    static let whyOnChain = Command(
        path: ["why"],
        summary: "Explain a reason, a transaction that failed, or what a resource was not paid",
        text: ["As cairn why, without peers."], arguments: [what], examples: [],
        run: { session throws(Failure) in
            let what = session.invocation.argument(0) ?? ""
            var facts = Facts()
            if let meaning = meaning(of: what) {
                facts.add("about", .string(what))
                facts.add("meaning", .string(meaning))
                session.answer(facts.members, "\(what): \(meaning)\n")
                return .ok
            }
            if let number = UInt64(what), try isEpoch(what, session) {
                let explanation = try EpochExplanation(number, on: session.chain())
                session.answer(explanation.members, explanation.text)
                return .ok
            }
            guard what.allSatisfy(\.isHexDigit), what.utf8.count >= 4 else {
                let names = Reason.allCases.map { "\($0)" } + Outcome.allCases.map { "\($0)" }
                throw Failure(
                    .badValue, "\(quoted(what)) is no reason, outcome, transaction, resource or peer",
                    hints: nearest(to: what, in: names).map { [Hint("cairn why \($0)", "is the nearest one")] } ?? [])
            }
            let chain = try session.chain()
            if let raw = bytes(hex: what), let id = Bytes32(raw).map(Digest.init),
                let height = try chain.read({ reader throws(StoreError) in try reader.height(ofTransaction: id) })
            {
                let receipts = try chain.read { reader throws(StoreError) in try reader.receipts(at: height) }
                guard let receipt = receipts.first(where: { $0.transaction == id }) else {
                    throw Failure(.chainDamaged, "block \(height) lacks a receipt that its index names")
                }
                facts.add("about", .string("transaction"))
                facts.add("outcome", .string("\(receipt.outcome)"))
                facts.add("meaning", .string(receipt.outcome.meaning))
                let fee = receipt.outcome.isTaken ? "; its fee of \(receipt.fee) was paid" : "; nothing was paid"
                session.answer(
                    facts.members, "\(receipt.outcome) in block \(height): \(receipt.outcome.meaning)\(fee)\n")
                return .ok
            }
            let (id, resource) = try chain.resource(what)
            let lines = try chain.missingPay(of: id, resource)
            facts.add("about", .string("resource"))
            facts.add("resource", .string(id.description))
            facts.add("causes", .array(lines.map { .string($0) }))
            session.answer(
                facts.members,
                lines.isEmpty
                    ? "nothing keeps pay away from \(session.shown(id)): its verdicts pass\n"
                    : lines.map { $0 + "\n" }.joined())
            return .ok
        })

    /// Digits are an epoch, unless a resource begins with them.
    private static func isEpoch(_ digits: String, _ session: Session) throws(Failure) -> Bool {
        guard digits.utf8.count >= 4 else { return true }
        do throws(Failure) {
            _ = try session.chain().resource(digits)
            return false
        } catch {
            if error.code == .notOnChain { return true }
            throw error
        }
    }

    private static func meaning(of word: String) -> String? {
        if let reason = Reason.allCases.first(where: { "\($0)" == word }) { return reason.meaning }
        if let outcome = Outcome.allCases.first(where: { "\($0)" == word }) { return outcome.meaning }
        return VerdictOutcome.allCases.first { "\($0)" == word }?.meaning
    }
}

extension ChainView {
    /// What keeps pay away from a resource, the most frequent reason of its verdicts first.
    fileprivate func missingPay(of id: ResourceID, _ resource: Resource) throws(Failure) -> [String] {
        if resource.isRetired { return ["it has retired"] }
        var lines: [String] = []
        let (parameters, epoch) = try now()
        let track = try load(RecordKey<Track>.track(resource.index))
        if track?.isSuspended == true {
            lines.append("it is suspended: its standing fell below 60 %, and rises as it passes")
        }
        let verdicts = try read { reader throws(StoreError) in try reader.verdicts(of: id, page: Page()) }
        if verdicts.isEmpty {
            let first = parameters.firstHeight(of: parameters.epoch(of: height.next).advanced(by: 2))
            lines.append(
                resource.since.advanced(by: 2) > epoch
                    ? "it is new: challenges begin two epochs after its registration, at block \(first) at the latest"
                    : "no verdict on it is kept: it was not challenged, or nobody brought a verdict into a block")
        }
        var counts: [(reason: Reason, count: Int)] = []
        for reason in Reason.allCases {
            let count = verdicts.count { $0.outcome == .adopted && $0.reasons.contains(reason) }
            if count > 0 { counts.append((reason, count)) }
        }
        for (reason, count) in counts.sorted(by: { ($1.count, $0.reason.rawValue) < ($0.count, $1.reason.rawValue) }) {
            lines.append("\(reason) in \(count) of \(verdicts.count) verdicts: \(reason.meaning)")
        }
        for verdict in verdicts where verdict.outcome != .adopted {
            lines.append(
                "the verdict in block \(verdict.block) was not adopted, \(verdict.outcome): \(verdict.outcome.meaning)")
        }
        if let track, track.verdicts < parameters[.vettingVerdicts], !track.isAnchor {
            lines.append(
                "it is new: a quarter of the pay until \(parameters[.vettingVerdicts]) verdicts; it has \(track.verdicts)"
            )
        }
        return lines
    }
}

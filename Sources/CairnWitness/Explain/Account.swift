public import CairnBase
public import CairnWire

/// The whole story of one challenge: who was asked, who said what, which rule judged it, and what it earned.
public struct ChallengeAccount: Sendable, Equatable {
    /// One witness in the story.
    public struct Witness: Sendable, Equatable {
        public let id: ResourceID
        public let index: UInt32
        public let hasSeat: Bool
        public let units: UInt32
        public let reasons: Reasons
    }

    public let challenge: Digest
    public let height: Height
    public let target: ResourceID
    public let units: UInt32
    public let reasons: Reasons
    public let eligible: Int
    public let witnesses: [Witness]

    /// - Parameter reports: of those whose receipts were kept out before the verdict.
    public init?(_ judgement: Judgement, id: Digest, reports: OrderedMap<UInt32, Reasons>, in view: CoverageView) {
        let verdict = judgement.verdict
        guard let target = view.member(verdict.target) else { return nil }
        challenge = id
        height = verdict.height
        self.target = target.id
        units = verdict.units
        reasons = verdict.reasons
        eligible = view.members.count {
            $0.takesPart && Eligibility.objections(to: $0, for: target, rules: view.rules).isEmpty
        }
        var all = judgement.reports
        for (witness, reasons) in reports where !all.contains(witness) { all[witness] = reasons }
        witnesses = all.compactMap { index, reasons in
            guard let member = view.member(index) else { return nil }
            let seat = verdict.seats.first { $0.witness == index }
            return Witness(
                id: member.id, index: index, hasSeat: seat != nil, units: seat?.units ?? 0, reasons: reasons)
        }
    }

    public var json: JSON {
        .object([
            JSON.Member("challenge", .string(challenge.description)), JSON.Member("height", JSON(height.number)),
            JSON.Member("target", .string(target.description)), JSON.Member("units", JSON(units)),
            JSON.Member("reasons", Self.json(reasons)), JSON.Member("eligible", JSON(eligible)),
            JSON.Member(
                "witnesses",
                .array(
                    witnesses.map { witness in
                        .object([
                            JSON.Member("resource", .string(witness.id.description)),
                            JSON.Member("index", JSON(witness.index)), JSON.Member("seat", .bool(witness.hasSeat)),
                            JSON.Member("units", JSON(witness.units)),
                            JSON.Member("reasons", Self.json(witness.reasons)),
                        ])
                    })),
        ])
    }

    private static func json(_ reasons: Reasons) -> JSON {
        .array(reasons.list.compactMap { Explanation.of($0)?.json ?? JSON($0.rawValue) })
    }

    /// For people, a line each.
    public var lines: [String] {
        let seats = witnesses.count { $0.hasSeat }
        var lines = [
            "challenge \(challenge.short) at height \(height): \(eligible) gateways could have heard it, "
                + "\(seats) took seats, \(units) ppm earned"
        ]
        lines += Self.lines(reasons, indent: "  ")
        for witness in witnesses {
            let place = witness.hasSeat ? "seat, \(witness.units) ppm" : "no seat"
            lines.append("  witness \(witness.id.short): \(place)")
            lines += Self.lines(witness.reasons, indent: "    ")
        }
        return lines
    }

    private static func lines(_ reasons: Reasons, indent: String) -> [String] {
        guard !reasons.isEmpty else { return [indent + Explanation.fine.happened] }
        return reasons.list.compactMap { Explanation.of($0) }.map {
            "\(indent)\($0.code): \($0.happened) \($0.remedy)"
        }
    }
}

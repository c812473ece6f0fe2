import CairnBase
import CairnLedger
import CairnWire

extension Noun {
    static let government = Noun(
        name: "gov", summary: "See what is voted on, propose and vote",
        commands: [.governmentList, .governmentShow, .governmentPropose, .governmentVote])
}

extension Command {
    static let parameters = Command(
        path: ["params"],
        summary: "Show the numbers the network runs by",
        text: ["Each with its bounds, and whether a vote may change it."],
        flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn params", "Shows them as they are."),
            Example("cairn params --at 1000 --json", "Shows them after block 1000, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let parameters = try chain.require(RecordKey<Parameters>.parameters)
            var table = TextTable(["PARAMETER", "VALUE", "FROM", "TO", "VOTE"], right: [1, 2, 3])
            var members: [JSON.Member] = []
            for parameter in Parameter.allCases {
                let rule = parameter.rule
                table.add([
                    parameter.name, "\(parameters[parameter])", "\(rule.bounds.lowerBound)",
                    "\(rule.bounds.upperBound)",
                    rule.isVotable ? "yes" : "no",
                ])
                members.append(
                    .init(
                        parameter.name,
                        [
                            "value": JSON(parameters[parameter]), "least": JSON(rule.bounds.lowerBound),
                            "most": JSON(rule.bounds.upperBound), "votable": .bool(rule.isVotable),
                        ]))
            }
            session.answer(
                [.init("height", JSON(chain.height.number)), .init("parameters", .object(members))],
                table.text(session.style))
            return .ok
        })

    static let governmentList = Command(
        path: ["gov", "list"],
        summary: "List proposals and how the votes stand",
        text: [
            "The newest first. Votes count by what was bonded when the period of the proposal began, and by no more than is "
                + "bonded now. A proposal needs quorumPPM of all that was bonded to vote, and more yes than no; twice as much "
                + "for new rules. What is adopted waits timelockPeriods before it acts."
        ],
        flags: [ChainFlags.at.declaration] + ChainFlags.paged,
        examples: [
            Example("cairn gov", "Shows the newest hundred."), Example("cairn gov list --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let all = try chain.records(.proposal, Proposal.self).reversed().map {
                ($0.key.leadingNumber ?? 0, $0.value)
            }
            var table = TextTable(["NUMBER", "CHANGE", "STAGE", "YES", "NO", "ENDS AT"], right: [0, 3, 4, 5])
            let rows = session.page(of: Array(all))
            for (number, proposal) in rows {
                table.add([
                    "\(number)", proposal.change.words, "\(proposal.stage)", permille(proposal.yes, proposal),
                    permille(proposal.no, proposal), "\(proposal.votingEnds)",
                ])
            }
            session.answer(
                [.init("height", JSON(chain.height.number))]
                    + pageMembers("proposals", rows.map { json($0, $1) }, of: all.count),
                all.isEmpty ? "no proposals\n" : table.text(session.style))
            return .ok
        })

    static let governmentShow = Command(
        path: ["gov", "show"],
        summary: "Show a proposal and who voted on it",
        text: ["The votes as the chain keeps them, with what becomes of the proposal next."],
        arguments: [
            Argument(name: "NUMBER", summary: "The proposal", value: .integer("NUMBER", 0...UInt64(UInt32.max)))
        ],
        flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn gov show 0", "Shows the first proposal ever made."),
            Example("cairn gov show 3 --json", "Shows the fourth, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let number = UInt32(clamping: UInt64(session.invocation.argument(0) ?? "") ?? 0)
            guard let proposal = try chain.load(RecordKey<Proposal>.proposal(number)) else {
                throw Failure(.notOnChain, "there is no proposal \(number)", do: Hint("cairn gov", "lists them"))
            }
            let ballots = try chain.records(.ballot, Ballot.self).filter { $0.key.leadingNumber == UInt64(number) }
            var facts = Facts()
            facts.add("proposal", number)
            facts.add("change", proposal.change.words)
            facts.add("stage", proposal.stageWords)
            facts.add("proposer", proposal.proposer.text)
            facts.add("deposit", proposal.deposit)
            facts.add("yes", proposal.yes)
            facts.add("no", proposal.no)
            facts.add("electorate", proposal.electorate)
            facts.add("voting_ends", proposal.votingEnds.number)
            facts.add("acts_after", proposal.executes.number)
            let votes = ballots.map { key, ballot -> JSON in
                [
                    "account": voter(key).map { .string($0.text) } ?? .null, "yes": .bool(ballot.isYes),
                    "weight_units": JSON(ballot.weight.units),
                ]
            }
            facts.add("votes", .array(votes), "\(ballots.count)")
            session.answer(facts.members, facts.text)
            return .ok
        })

    private static func voter(_ key: StateKey) -> AccountID? { AccountID(Array(key.bytes.dropFirst(9))) }

    private static func permille(_ votes: Amount, _ proposal: Proposal) -> String {
        CairnCLI.permille(votes.units, of: proposal.electorate.units)
    }

    private static func json(_ number: UInt64, _ proposal: Proposal) -> JSON {
        [
            "number": JSON(number), "change": .string(proposal.change.words), "stage": .string("\(proposal.stage)"),
            "proposer": .string(proposal.proposer.text), "deposit_units": JSON(proposal.deposit.units),
            "yes_units": JSON(proposal.yes.units), "no_units": JSON(proposal.no.units),
            "electorate_units": JSON(proposal.electorate.units), "voting_ends": JSON(proposal.votingEnds.number),
            "acts_after": JSON(proposal.executes.number),
        ]
    }
}

extension Proposal {
    fileprivate var stageWords: String {
        switch stage {
        case .voting: "voting until block \(votingEnds)"
        case .waiting: "adopted; acts with the first epoch after block \(executes)"
        case .executed: "executed"
        case .rejected: "rejected"
        case .failed: "adopted, but no longer possible when its time came"
        }
    }
}

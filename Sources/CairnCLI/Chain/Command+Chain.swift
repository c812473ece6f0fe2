import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnRuntime
import CairnStore
import CairnWire

extension Noun {
    static let chain = Noun(
        name: "chain", summary: "Look into the chain of a home, whether its node runs or not",
        commands: [
            .chainStatus, .chainBlock, .chainTransaction, .chainAccount, .chainSupply, .chainCommittee, .chainAudit,
            .chainScrub,
        ])
}

extension Command {
    static let chainStatus = Command(
        path: ["chain", "status"],
        summary: "Show how far the chain of a home is",
        text: [
            "Reads the database beside the node: --home, --node, $CAIRN_HOME, the nearest .cairn upwards, the only node that "
                + "runs, or this user's own home."
        ],
        flags: [Flag.watch.declaration],
        examples: [
            Example("cairn chain", "Shows the newest block."),
            Example("cairn --node n1 chain status --json", "Shows that of node n1, for a script."),
        ],
        exits: ChainFlags.exits + [.interrupted],
        run: { session throws(Failure) in
            try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let chain = try session.chain()
                let genesis = try chain.read { reader throws(StoreError) in try reader.genesis() }
                let block = try chain.read { reader throws(StoreError) in try reader.block(at: chain.height) }
                guard let block else { throw Failure(.notOnChain, "block \(chain.height) is not kept here") }
                let (parameters, epoch) = try chain.now()
                let end = parameters.lastHeight(of: epoch)
                var facts = Facts()
                facts.add("network", genesis.network)
                facts.add("symbol", genesis.symbol)
                facts.add("chain", chain.reader.chain.description)
                facts.add("height", chain.height.number)
                facts.add("time", WallTime(millisecondsSince1970: block.time).rfc3339)
                facts.add("block", block.digest.description)
                facts.add("root", chain.root.description)
                facts.add("epoch", JSON(epoch.number), "\(epoch), until block \(end)")
                facts.add("epoch_ends", JSON(end.number))
                facts.add("period", parameters.period(of: epoch))
                if let checkpoint = try chain.checkpoint(of: epoch) { facts.add("checkpoint", checkpoint.words) }
                session.answer(facts.members, facts.text)
                return .ok
            }
        })

    static let chainBlock = Command(
        path: ["chain", "block"],
        summary: "Show a block: what it ordered and what came of it",
        text: ["By height or by digest; without either, the newest."],
        arguments: [
            Argument(name: "BLOCK", summary: "A height or a digest", value: .text("BLOCK"), isRequired: false)
        ],
        examples: [
            Example("cairn chain block", "Shows the newest."), Example("cairn chain block 120 --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let height = try chain.height(named: session.invocation.argument(0))
            let found = try chain.read { reader throws(StoreError) in try reader.block(at: height) }
            guard let block = found, let root = try chain.read({ r throws(StoreError) in try r.root(at: height) })
            else {
                throw Failure(.notOnChain, "block \(height) is not kept here")
            }
            let receipts = try chain.read { reader throws(StoreError) in try reader.receipts(at: height) }
            let verdicts = try chain.read { reader throws(StoreError) in try reader.verdicts(at: height) }
            var facts = Facts()
            facts.add("height", height.number)
            facts.add("block", block.digest.description)
            facts.add("parent", block.parent.description)
            facts.add("root", root.description)
            facts.add("epoch", block.epoch.number)
            facts.add("view", block.view.number)
            facts.add("time", WallTime(millisecondsSince1970: block.time).rfc3339)
            facts.add("proposer", block.proposer.text)
            facts.add("bytes", block.header.count + block.payload.count)
            facts.add("transactions", .array(receipts.map(\.json)), "\(receipts.count)")
            facts.add("verdicts", .array(verdicts.map(\.json)), "\(verdicts.count)")
            var text = facts.text
            for receipt in receipts {
                text += "  transaction \(session.shown(receipt.transaction))  \(receipt.outcome)\n"
            }
            for verdict in verdicts {
                let target = verdict.resource.map(session.shown) ?? "nobody"
                text += "  verdict on \(target)  \(verdict.words)\n"
            }
            session.answer(facts.members, text)
            return .ok
        })

    static let chainTransaction = Command(
        path: ["chain", "tx"],
        summary: "Show a transaction and what came of it",
        text: [
            "Only those that stand in a block. What waits is known to the node: cairn wallet send says what became of it."
        ],
        arguments: [Argument(name: "ID", summary: "The transaction's id", value: .text("ID"))],
        examples: [
            Example("cairn chain tx 5c5f… -v", "Shows it."), Example("cairn chain tx 5c5f… --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let text = session.invocation.argument(0) ?? ""
            guard let raw = bytes(hex: text), let id = Bytes32(raw).map(Digest.init) else {
                throw Failure(.badValue, "\(quoted(text)) is no transaction: 64 hexadecimal digits")
            }
            let chain = try session.chain()
            let found = try chain.read { reader throws(StoreError) in try reader.height(ofTransaction: id) }
            guard let height = found,
                let block = try chain.read({ reader throws(StoreError) in try reader.block(at: height) })
            else { throw Failure(.notOnChain, "no block here holds transaction \(id.short)") }
            let receipts = try chain.read { reader throws(StoreError) in try reader.receipts(at: height) }
            let contents = try ChainView.reading { () throws(StoreError) in try block.contents() }
            let transaction = contents.transactions.first {
                $0.id(chain: chain.reader.chain, using: Blake2b()) == id
            }
            guard let transaction, let receipt = receipts.first(where: { $0.transaction == id }) else {
                throw Failure(.chainDamaged, "block \(height) has a receipt for a transaction that it does not hold")
            }
            var facts = Facts()
            facts.add("id", id.description)
            facts.add("height", height.number)
            facts.add("outcome", .string("\(receipt.outcome)"), "\(receipt.outcome): \(receipt.outcome.meaning)")
            facts.add("outcome_code", JSON(receipt.outcome.rawValue))
            facts.add("action", transaction.action.words)
            facts.add("from", transaction.sender.text)
            facts.add("nonce", transaction.nonce)
            facts.add("fee", receipt.fee)
            facts.add("expiry", transaction.expiry.number)
            session.answer(facts.members, facts.text)
            return .ok
        })
}

extension ChainView {
    /// A block by its height or digest; the newest where none is named.
    fileprivate func height(named text: String?) throws(Failure) -> Height {
        guard let text else { return height }
        if let number = UInt64(text) {
            guard number <= height.number else {
                throw Failure(.notOnChain, "block \(number) is not here yet; the newest is \(height)")
            }
            return Height(number)
        }
        guard let raw = bytes(hex: text), let digest = Bytes32(raw).map(Digest.init) else {
            throw Failure(.badValue, "\(quoted(text)) is no block: a height, or 64 hexadecimal digits")
        }
        guard let found = try read({ reader throws(StoreError) in try reader.height(of: digest) }) else {
            throw Failure(.notOnChain, "there is no block \(digest.short) here")
        }
        return found
    }
}

extension Receipt {
    fileprivate var json: JSON {
        [
            "id": .string(transaction.description), "outcome": .string("\(outcome)"),
            "outcome_code": JSON(outcome.rawValue), "fee_units": JSON(fee.units),
        ]
    }
}

extension StoredVerdict {
    var json: JSON {
        .object([
            .init("block", JSON(block.number)), .init("challenged", JSON(challenged.number)),
            .init("resource", resource.map { .string($0.description) } ?? .null),
            .init("partition", JSON(partition)), .init("challenge", .string("\(kind)")),
            .init("passed", .bool(passed)), .init("units", JSON(units)), .init("witnesses", JSON(witnesses)),
            .init("reasons", .array(reasons.list.map { .string("\($0)") })), .init("outcome", .string("\(outcome)")),
        ])
    }

    /// `passed, 1000000 units`; `not passed: badLeaf`; `not adopted: wrongArithmetic`.
    var words: String {
        guard outcome == .adopted else { return "not adopted: \(outcome)" }
        let why = reasons.list.map { "\($0)" }.joined(separator: ", ")
        return passed
            ? "passed, \(units) units" + (why.isEmpty ? "" : " (\(why))")
            : "not passed" + (why.isEmpty ? "" : ": \(why)")
    }
}

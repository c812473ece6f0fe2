import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

extension Command {
    static let validatorApply = Command(
        path: ["validator", "apply"],
        summary: "Become a candidate for committees, with the keys of this home",
        text: [
            "The account needs candidateBondMin bonded. The home's validator key and node key sign that they are its own; the "
                + "vote key belongs to this account for ever. The first committee it can sit in is two epochs later.",
            "A key that the chain does not know yet gets its sign log in this home: from then on key and log belong together, and "
                + "a node that has one without the other votes no more. Start the node again afterwards, so that it votes.",
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator apply --wait", "Applies and waits for the block."),
            Example("cairn --home n5 validator apply --json", "With the keys of the home n5, for a script."),
        ],
        exits: ActionFlags.exits + [.safetyStop],
        run: { session throws(Failure) in
            let code = try session.carryOut { account, chain throws(Failure) in
                let storage = try KeyStorage(session)
                let (voteName, nodeName) = (KeyKind.validator.rawValue, KeyKind.node.rawValue)
                let vote = ValidatorIdentity(seed: try storage.seed(of: storage.load(voteName), voteName, session))
                let node = NodeIdentity(seed: try storage.seed(of: storage.load(nodeName), nodeName, session))
                let keys = ValidatorKeys(node: node.id, vote: vote.key.publicKey, randomness: vote.vrf.publicKey)
                try makeSignLog(of: keys.vote, chain, in: storage.home)
                let body = Candidacy.body(keys, of: account)
                return .apply(
                    Candidacy(
                        keys: keys, voteProof: vote.key.sign(body, tag: Candidacy.domain, chain: chain),
                        nodeProof: node.key.sign(body, tag: Candidacy.domain, chain: chain)))
            }
            if code == .ok {
                session.note("start the node again, so that it votes with this key from its first seat on")
            }
            return code
        })

    /// Makes the log of a key that has never voted. One that the chain knows may have voted elsewhere or before a loss, so
    /// without its log it is lost; and a home that is behind cannot say what the chain knows.
    private static func makeSignLog(of key: PublicKey, _ chain: ChainID, in home: Home) throws(Failure) {
        do throws(SignLogError) {
            guard try !SignLog.exists(directory: home.path) else { return }
        } catch .locked(_, _) {
            // The node that runs here votes with it.
            return
        } catch {
            throw Failure(.signLog(error))
        }
        let reader = try ChainView.reading { () throws(StoreError) in try ChainReader(directory: home.path) }
        let newest = try ChainView.reading { () throws(StoreError) in try reader.block(at: reader.head.height) }
        let age = Clock.wall().millisecondsSince1970.subtractingReportingOverflow(newest?.time ?? 0)
        guard reader.chain == chain, age.overflow || age.partialValue < 60_000 else {
            throw Failure(
                .voteGuard, "the chain in \(home.path) is behind, so it cannot be seen whether this key voted before",
                do: Hint("cairn chain status", "shows how far it is; apply when it has caught up"))
        }
        let owner: VoteKeyOwner?
        do throws(StateError) {
            owner = try reader.load(RecordKey<VoteKeyOwner>.voteKey(key))
        } catch {
            throw Failure(StoreError(error))
        }
        guard owner == nil else {
            throw Failure(
                .voteGuard, "the chain knows this vote key and its sign log is not in \(home.path)",
                do: Hint("cairn keys new validator", "makes a new one, once the old file is put away"))
        }
        do throws(SignLogError) {
            try SignLog.create(directory: home.path, key: key, chain: chain)
        } catch {
            throw Failure(.signLog(error))
        }
    }
}

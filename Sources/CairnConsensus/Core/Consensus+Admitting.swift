import CairnBase

/// What an edge can leave unchecked, because the core would not use it. Datagrams repeat votes, and a signature costs more
/// than a look-up.
extension Consensus {
    /// The message without the votes and certificates that are of no use here.
    public func lean(_ message: ConsensusMessage) -> ConsensusMessage {
        let body: ConsensusMessage.Body =
            switch message.body {
            case .votes(let votes): .votes(votes.filter(needs))
            case .certificates(let certificates): .certificates(certificates.filter(needs))
            case .proposal(let proposal):
                .proposal(
                    Proposal(
                        block: proposal.block, signature: proposal.signature,
                        // A proposal of the next epoch waits here, with all that it rests on.
                        certificates: proposal.certificates.filter { needs($0) || $0.epoch > epoch.number }))
            case .certificateRequest, .statusRequest, .status: message.body
            }
        return ConsensusMessage(position: message.position, body: body)
    }

    /// The votes in a message's certificates that have come before, one by one, and were checked then.
    public func held(of message: ConsensusMessage) -> [Vote] {
        let certificates: [Certificate] =
            switch message.body {
            case .proposal(let proposal): proposal.certificates
            case .certificates(let certificates): certificates
            case .votes, .certificateRequest, .statusRequest, .status: []
            }
        return certificates.flatMap { certificate in
            certificate.votes(of: certificate.statement(using: hash)).filter(holds)
        }
    }

    public func needs(_ vote: Vote) -> Bool {
        let statement = vote.statement
        guard statement.epoch == epoch.number else { return statement.epoch == epoch.number.next }
        if vote.voter == epoch.me { return !(epoch.views[statement.view]?.own.holds(statement) ?? false) }
        guard isInWindowUncounted(statement.view), isInForce(.countOnce) else { return !isInForce(.countOnce) }
        let ballot = epoch.views[statement.view]?.tally?.ballot(statement.kind, of: vote.voter)
        return ballot?.block != statement.block
    }

    /// This very vote is in its view's tally, so its signature has been checked.
    func holds(_ vote: Vote) -> Bool {
        guard vote.statement.epoch == epoch.number else { return false }
        return epoch.views[vote.statement.view]?.tally?.holds(vote) ?? false
    }

    public func needs(_ certificate: Certificate) -> Bool {
        guard certificate.epoch == epoch.number, certificate.view > epoch.floor else { return false }
        guard let state = epoch.views[certificate.view] else { return true }
        switch certificate.subject {
        case .notarization(let header): return state.notarization?.header != header
        case .nullification: return state.nullification == nil
        case .finalization: return true
        }
    }
}

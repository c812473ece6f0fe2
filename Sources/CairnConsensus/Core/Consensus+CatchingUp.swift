import CairnBase

/// Helping those behind, and asking those ahead.
extension Consensus {
    /// Whoever is behind gets the certificate that opened our view, at most once in D; whoever is ahead is asked.
    mutating func note(_ position: ChainPosition, of sender: NodeID) {
        guard let index = epoch.committee.index(of: sender), index != epoch.me else { return }
        let slot = Int(index.number)
        if (position.epoch, position.view) > (epoch.peers[slot].epoch, epoch.peers[slot].view) {
            epoch.peers[slot].epoch = position.epoch
            epoch.peers[slot].view = position.view
        }
        if (position.epoch, position.view) < (epoch.number, epoch.view) {
            help(slot, sender, at: position)
        } else if (position.epoch, position.view) > (epoch.number, epoch.view) {
            guard PeerRecord.mayRepeat(&epoch.peers[slot].askedAt, now: now, every: helpInterval) else { return }
            let wanted = position.epoch > epoch.number ? epoch.view : position.view.preceding()
            let request = CertificateRequest(epoch: epoch.number, first: wanted, last: wanted)
            effects.append(.send(.certificateRequest(request), to: sender))
        }
    }

    private mutating func help(_ slot: Int, _ sender: NodeID, at position: ChainPosition) {
        let certificate = position.epoch == epoch.number ? epoch.turn.entry : previousEnd
        guard let certificate, certificate.epoch == position.epoch,
            PeerRecord.mayRepeat(&epoch.peers[slot].helpedAt, now: now, every: helpInterval)
        else { return }
        effects.append(.send(.certificates([certificate]), to: sender))
    }

    private var helpInterval: TimeSpan { max(epoch.turn.delay, parameters.delay) }

    /// Asks everyone for the certificates that keep us from proposing or voting: at once, and again with each retry.
    /// No single peer may hold them all.
    mutating func askForMissing(again: Bool = false) {
        guard isInForce(.pullFromEveryone), again || !epoch.turn.hasAsked, let highest = highestMissing() else {
            return
        }
        epoch.turn.hasAsked = true
        let reach = highest.preceding(by: ConsensusLimits.viewsPerRequest - 1)
        var lowest = highest
        var view = highest
        while view > epoch.floor, view >= reach {
            if isUnknown(view) { lowest = view }
            view = view.preceding()
        }
        let request = CertificateRequest(epoch: epoch.number, first: lowest, last: highest)
        effects.append(.broadcast(.certificateRequest(request)))
    }

    private func isUnknown(_ view: View) -> Bool {
        let state = epoch.views[view]
        return state?.nullification == nil && state?.notarization == nil
    }

    /// The highest view whose certificate the current leader's block needs and we lack.
    private func highestMissing() -> View? {
        let view = epoch.view
        if let candidate = epoch.views[view]?.proposal, candidate.check == .waiting,
            let header = epoch.blocks[candidate.digest]?.header, ground(of: header) == .missing
        {
            var below = view.preceding()
            while below > header.parentView, epoch.views[below]?.nullification != nil { below = below.preceding() }
            return below > epoch.floor ? below : nil
        }
        guard let me = epoch.me, leader(of: view) == me, case .failure(let missing) = parent(for: view),
            missing.view > epoch.floor
        else { return nil }
        return missing.view
    }

    /// Answers with what is held of a range, newest first, and with the newest finalization if part of it is final.
    mutating func answer(_ request: CertificateRequest, of sender: NodeID) {
        guard mayAnswer(sender) else {
            counters.unanswered += 1
            return
        }
        guard request.epoch == epoch.number else {
            answerForPast(request, of: sender)
            return
        }
        var reply: [VerifiedCertificate] = []
        if request.first <= epoch.floor, let finalization = epoch.finalization { reply.append(finalization) }
        var size = 0
        let first = max(request.first, epoch.floor.next)
        if first <= request.last {
            for (_, state) in epoch.views.entries(in: first..<request.last.next) {
                for certificate in [state.notarization, state.nullification].compactMap({ $0 }) {
                    size += certificate.certificate.encodedSize
                    if size <= ConsensusLimits.replyBytes { reply.append(certificate) }
                }
            }
        }
        for start in stride(from: 0, to: reply.count, by: ConsensusLimits.certificatesPerMessage) {
            let part = reply[start..<min(start + ConsensusLimits.certificatesPerMessage, reply.count)]
            effects.append(.send(.certificates(Array(part)), to: sender))
        }
    }

    private mutating func answerForPast(_ request: CertificateRequest, of sender: NodeID) {
        guard request.epoch < epoch.number else { return }
        if let previousEnd, previousEnd.epoch == request.epoch {
            effects.append(.send(.certificates([previousEnd]), to: sender))
        } else {
            effects.append(.serveHistory(request, to: sender))
        }
    }

    /// A member is answered twice in each D, all others together a few times.
    mutating func mayAnswer(_ sender: NodeID) -> Bool { mayAnswer(sender, last: \.answeredAt) }

    /// Counted apart: whoever restarts may have asked for certificates a moment before, and waits for every answer.
    mutating func mayTellStatus(_ sender: NodeID) -> Bool { mayAnswer(sender, last: \.toldStatusAt) }

    private mutating func mayAnswer(_ sender: NodeID, last: WritableKeyPath<PeerRecord, Instant?>) -> Bool {
        guard let index = epoch.committee.index(of: sender) else {
            return epoch.strangers.take(now: now, every: helpInterval)
        }
        let interval = TimeSpan(nanoseconds: helpInterval.nanoseconds / 2)
        return PeerRecord.mayRepeat(&epoch.peers[Int(index.number)][keyPath: last], now: now, every: interval)
    }
}

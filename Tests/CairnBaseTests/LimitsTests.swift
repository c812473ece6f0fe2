import CairnBase
import Testing

/// Limits lean on one another; a change of one must not silently make another unreachable.
@Suite struct LimitsTests {
    let limits = Limits()

    @Test func messagesFitTheirEnvelopes() {
        #expect(limits.gossip.message < limits.gossip.envelope)
        #expect(limits.secureChannel.plaintext + 16 == limits.secureChannel.message)
        #expect(limits.secureChannel.message == UInt16.max)
        #expect(limits.datagrams.initiationPadding <= limits.datagrams.largest)
        #expect(limits.streams.frame < limits.secureChannel.plaintext)
        #expect(limits.addresses.identifySent <= limits.addresses.identifyRead)
    }

    @Test func windowsFitTheirTotals() {
        #expect(limits.streams.initialWindow <= limits.streams.bytesPerConnection)
        #expect(limits.streams.bytesPerConnection <= limits.streams.bytesPerProcess)
        #expect(limits.streams.negotiating <= limits.streams.inboundPerConnection)
        #expect(limits.connections.perAddress <= limits.connections.inboundPerSubnet24)
        #expect(limits.connections.inboundPerSubnet24 <= limits.connections.inbound)
    }

    @Test func aFullCommitteeFitsACertificate() {
        // A header of at most 2 KiB, the bitmap, and a signature of everyone.
        let largest = 2_048 + (limits.consensus.committee + 7) / 8 + 64 * limits.consensus.committee
        #expect(largest <= limits.consensus.certificate)
        #expect(limits.consensus.certificate <= limits.consensus.certificateReply)
        #expect(limits.consensus.payload <= limits.sync.reply)
    }

    @Test func oneMemberMayTellANewcomerOfAllOthers() {
        #expect(limits.membership.fullView <= limits.membership.strangersAtOnce)
    }

    @Test func ledgersFitBlocks() {
        #expect(limits.ledger.transaction <= limits.gossip.message)
        #expect(limits.ledger.transaction <= limits.consensus.payload)
        #expect(limits.ledger.poolTransactionsPerSender <= limits.ledger.poolTransactions)
        #expect(limits.witness.commitsPerChallenge <= limits.witness.commitsPerEpoch)
    }
}

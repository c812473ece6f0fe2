public import CairnBase
public import CairnWire

/// A restarted validator's question: "where are you, and which votes of mine do you hold?"
public struct StatusRequest: Sendable, Hashable, Canonical {
    /// Ties the answers to this start of the process.
    public let nonce: UInt64
    public let epoch: Epoch
    /// The last view the asker's own log speaks of.
    public let lastLogged: View

    public init(nonce: UInt64, epoch: Epoch, lastLogged: View) {
        self.nonce = nonce
        self.epoch = epoch
        self.lastLogged = lastLogged
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        nonce = try reader.u64()
        epoch = try reader.ordinal()
        lastLogged = try reader.ordinal()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(nonce)
        writer.ordinal(epoch)
        writer.ordinal(lastLogged)
    }
}

/// What a validator signs about itself in answer to a `StatusRequest`.
public struct StatusStatement: Sendable, Hashable, Canonical {
    public let nonce: UInt64
    public let position: ChainPosition

    public init(nonce: UInt64, position: ChainPosition) {
        self.nonce = nonce
        self.position = position
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        nonce = try reader.u64()
        position = try ChainPosition(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(nonce)
        position.encode(into: &writer)
    }

    public func signedBytes(chain: ChainID) -> [UInt8] {
        CairnWire.signedBytes(DomainTag("cn/status"), chain: chain, body: encoded)
    }
}

/// A signed status with its proofs: the certificate by which the answering node entered its view, and the votes of the
/// asker that it holds above the asker's log.
public struct Status: Sendable, Hashable, Canonical {
    public let statement: StatusStatement
    public let member: MemberIndex
    public let signature: Signature
    public let entry: Certificate?
    public let votesOfAsker: [Vote]

    public init(
        statement: StatusStatement, member: MemberIndex, signature: Signature, entry: Certificate?,
        votesOfAsker: [Vote]
    ) {
        self.statement = statement
        self.member = member
        self.signature = signature
        self.entry = entry
        self.votesOfAsker = votesOfAsker
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        statement = try StatusStatement(from: &reader)
        member = MemberIndex(try reader.u16())
        signature = try reader.signature()
        entry = try reader.bool() ? try Certificate(from: &reader) : nil
        let count = try reader.count(limit: ConsensusLimits.votesPerMessage)
        var votes: [Vote] = []
        for _ in 0..<count { votes.append(try Vote(from: &reader)) }
        votesOfAsker = votes
    }

    public func encode(into writer: inout ByteWriter) {
        statement.encode(into: &writer)
        writer.u16(member.number)
        writer.signature(signature)
        writer.bool(entry != nil)
        entry?.encode(into: &writer)
        writer.count(votesOfAsker.count)
        for vote in votesOfAsker { vote.encode(into: &writer) }
    }
}

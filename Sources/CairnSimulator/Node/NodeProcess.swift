public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnStorage
public import CairnWitness

/// A node, a user of the network, an owner of objects, or the air between radios: exactly one of them is there.
public struct NodeProcess: SimulatedProcess {
    public typealias Message = NodeTraffic

    /// What checkers are told, which no peer sees.
    public enum Observation: Sendable {
        case signed(Vote)
        case executed(Block, root: Digest)
        /// A block became final whose payload no honest validator votes for.
        case unsoundBlock(Height)
        /// A user was told that its transaction is in.
        case accepted(AccountID, nonce: UInt64)
        /// A user was told what the chain holds of an account.
        case told(AccountID, Account?, at: Height)
        case distrusted(NodeID)
        /// The holder of this key was seen to vote twice.
        case evidence(PublicKey)
        case stopped(StopReason)
        /// What the gateway of a node published, and what it knew after a start that it had bound itself to.
        case said(CoverageMessage)
        case restored([CairnWitness.Promise])
        /// What a witness of storage said.
        case witnessed(SignedWalkReceipt)
        /// A node looked over a piece that it keeps.
        case scrubbed(PieceName, isWhole: Bool)
        /// All holders of an object that count said that they have their shards.
        case completed(Digest)
        /// An owner read an object back.
        case readBack(Digest, isEqual: Bool)
        /// A radio received a frame.
        case received(Reception, by: ProcessID)
    }

    private(set) var server: NodeServer?
    private var user: NodeUser?
    private var air: NodeAir?
    private(set) var depositor: NodeDepositor?

    init(_ server: NodeServer) { self.server = server }
    init(_ user: NodeUser) { self.user = user }
    init(_ air: NodeAir) { self.air = air }
    init(_ depositor: NodeDepositor) { self.depositor = depositor }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        server?.handle(event, at: now, into: &effects)
        user?.handle(event, at: now.monotonic, into: &effects)
        depositor?.handle(event, at: now.monotonic, into: &effects)
        air?.handle(event, at: now.monotonic, into: &effects)
    }
}

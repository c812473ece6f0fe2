public import CairnBase
import CairnWire
public import CairnWitness

/// The gateway's side of the packet-forwarder protocol, with what its owner has done to it.
public struct Forwarder: ProtocolCore {
    public enum Input: Sendable {
        case start
        case timer
        case datagram([UInt8])
        /// The radio received a frame.
        case received(Reception)
        /// A report that was held back is due.
        case due(Reception)
    }

    public enum Effect: Sendable, Equatable {
        case datagram([UInt8])
        case transmit(SendRequest)
        case timer(at: Instant)
        case hold(Reception, until: Instant)
    }

    public struct Counters: Sendable, Equatable {
        public var received: UInt64 = 0
        public var forwarded: UInt64 = 0
        public var acknowledged: UInt64 = 0
        public var ordered: UInt64 = 0
        public var sent: UInt64 = 0
        /// Datagrams of the node that are none of the protocol.
        public var strange: UInt64 = 0
    }

    public var station: Station
    public private(set) var counters = Counters()
    private var token: UInt16
    private var ticks: UInt64 = 0

    private static let keepalive = TimeSpan.seconds(5)
    /// Every so many keepalives the gateway tells its counters.
    private static let ticksPerStatus: UInt64 = 6
    private static let payloadMax = 255

    public init(_ station: Station) {
        self.station = station
        token = UInt16(truncatingIfNeeded: station.eui)
    }

    public mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .start, .timer: keepAlive(now, &effects)
        case .datagram(let bytes): hear(bytes, &effects)
        case .received(let reception):
            counters.received += 1
            if case .late(let span) = station.behaviour {
                effects.append(.hold(reception, until: now + span))
            } else {
                report(reception, &effects)
            }
        case .due(let reception): report(reception, &effects)
        }
    }

    private mutating func datagram(_ kind: ForwarderDatagram.Kind, _ text: String = "") -> [UInt8] {
        token &+= 1
        return ForwarderDatagram(token: token, kind: kind, eui: station.eui, text: Array(text.utf8)).bytes
    }

    /// Keeps the way back open, through whatever router is between.
    private mutating func keepAlive(_ now: Instant, _ effects: inout [Effect]) {
        effects.append(.datagram(datagram(.pullData)))
        if ticks % Self.ticksPerStatus == 0 { effects.append(.datagram(datagram(.pushData, status))) }
        ticks += 1
        effects.append(.timer(at: now + Self.keepalive))
    }

    private var status: String {
        let share = counters.forwarded == 0 ? 100 : min(100, 100 * counters.acknowledged / counters.forwarded)
        return "{\"stat\":{\"rxnb\":\(counters.received),\"rxok\":\(counters.received),\"rxfw\":\(counters.forwarded),"
            + "\"ackr\":\(share).0,\"dwnb\":\(counters.ordered),\"txnb\":\(counters.sent)}}"
    }

    private mutating func report(_ reception: Reception, _ effects: inout [Effect]) {
        var reported = reception
        if case .rewriting(let strength) = station.behaviour { reported.strength = strength }
        let times = station.behaviour == .replaying ? 2 : 1
        for _ in 0..<times {
            counters.forwarded += 1
            effects.append(.datagram(datagram(.pushData, "{\"rxpk\":[\(reported.forwarderJSON)]}")))
        }
    }

    private mutating func hear(_ bytes: [UInt8], _ effects: inout [Effect]) {
        guard let datagram = ForwarderDatagram(bytes.span.bytes) else {
            counters.strange += 1
            return
        }
        switch datagram.kind {
        case .pushAck: counters.acknowledged += 1
        case .pullAck: break
        case .pullResponse: obey(datagram, &effects)
        case .pushData, .pullData, .sendAck: counters.strange += 1
        }
    }

    private mutating func obey(_ datagram: ForwarderDatagram, _ effects: inout [Effect]) {
        guard let request = SendRequest(text: datagram.text, payloadMax: Self.payloadMax) else {
            counters.strange += 1
            return
        }
        counters.ordered += 1
        effects.append(
            .datagram(
                ForwarderDatagram(
                    token: datagram.token, kind: .sendAck, eui: station.eui, text: SendOutcome.accepted.text
                ).bytes))
        guard station.behaviour != .mute else { return }
        counters.sent += 1
        effects.append(.transmit(request))
    }
}

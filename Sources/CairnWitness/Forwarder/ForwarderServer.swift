public import CairnBase

/// The node's side of the packet-forwarder protocol: gateways report what they heard and are told what to send.
///
/// Nothing here is evidence: whoever reaches the port may say anything. What a gateway is listed for decides whether it
/// is answered at all; what it reports is judged by the rules of coverage, under the device's own signature.
public struct ForwarderServer: ProtocolCore {
    public enum Input: Sendable {
        case datagram([UInt8], from: Endpoint)
        /// Send a frame through this gateway, at once.
        case send(SendRequest, by: UInt64)
    }

    public enum Effect: Sendable, Equatable {
        case reply([UInt8], to: Endpoint)
        /// A LoRa frame that carries a beacon of ours.
        case beacon(Reception, by: UInt64)
        /// Any other frame, for whoever transports data.
        case uplink(Reception, by: UInt64)
        case ignored(PacketRefusal, by: UInt64)
        case sent(SendOutcome, by: UInt64)
        /// A frame that no gateway could be told to send.
        case unsent(SendRequest, by: UInt64)
    }

    /// Datagrams that were dropped, by why.
    public struct Counters: Sendable, Equatable {
        public var malformed: UInt64 = 0
        public var unlisted: UInt64 = 0
        public var rateLimited: UInt64 = 0
        /// Answered, but not JSON of the protocol.
        public var unreadable: UInt64 = 0
        /// Kinds that only a server sends.
        public var misdirected: UInt64 = 0
        /// TX_ACKs for what was never sent.
        public var unexpected: UInt64 = 0

        public init() {}
    }

    public private(set) var gateways: BoundedMap<UInt64, ForwarderGateway>
    public private(set) var counters = Counters()
    private let limits: Limits.Witness
    private var nextToken: UInt16 = 1

    /// - Parameter listed: the hardware numbers that are answered.
    public init(listed: [UInt64], limits: Limits.Witness = Limits.Witness()) {
        self.limits = limits
        gateways = BoundedMap(capacity: limits.radioGateways, overflow: .refuseNewest)
        for eui in listed { gateways.updateValue(ForwarderGateway(), forKey: eui) }
    }

    public mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .datagram(let bytes, let source): receive(bytes, source, now, &effects)
        case .send(let request, let eui): send(request, eui, now, &effects)
        }
    }

    private mutating func receive(
        _ bytes: [UInt8], _ source: Endpoint, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard bytes.count <= limits.radioDatagram, let datagram = ForwarderDatagram(bytes.span.bytes) else {
            counters.malformed += 1
            return
        }
        guard datagram.kind.comesFromGateway else {
            counters.misdirected += 1
            return
        }
        guard var gateway = gateways[datagram.eui] else {
            counters.unlisted += 1
            return
        }
        defer { gateways.updateValue(gateway, forKey: datagram.eui) }
        guard gateway.allows(now, perSecond: limits.radioDatagramsPerSecond) else {
            counters.rateLimited += 1
            return
        }
        gateway.version = datagram.version
        gateway.lastHeard = now
        switch datagram.kind {
        case .pushData:
            // The acknowledgement goes first: the gateway waits a tenth of a second for it and never asks again.
            effects.append(.reply(answer(datagram, .pushAck), to: source))
            push(datagram, &gateway, &effects)
        case .pullData:
            gateway.downlink = source
            effects.append(.reply(answer(datagram, .pullAck), to: source))
        case .sendAck: acknowledge(datagram, &gateway, &effects)
        case .pushAck, .pullAck, .pullResponse: break
        }
    }

    private func answer(_ datagram: ForwarderDatagram, _ kind: ForwarderDatagram.Kind) -> [UInt8] {
        ForwarderDatagram(version: datagram.version, token: datagram.token, kind: kind).bytes
    }

    private mutating func push(
        _ datagram: ForwarderDatagram, _ gateway: inout ForwarderGateway, _ effects: inout [Effect]
    ) {
        guard let value = LooseReader.read(datagram.text), case .object = value else {
            counters.unreadable += 1
            return
        }
        if let status = value["stat"] { gateway.note(status) }
        guard case .array(let packets)? = value["rxpk"] else { return }
        for packet in packets.prefix(limits.radioPacketsPerDatagram) {
            switch Reception.read(packet, payloadMax: limits.radioPayload) {
            case .failure(let error):
                gateway.refused[error.refusal.rawValue] += 1
                effects.append(.ignored(error.refusal, by: datagram.eui))
            case .success(let reception):
                gateway.last = reception
                let isBeacon = BeaconHead(reception.payload) != nil
                if isBeacon { gateway.beacons += 1 } else { gateway.uplinks += 1 }
                effects.append(isBeacon ? .beacon(reception, by: datagram.eui) : .uplink(reception, by: datagram.eui))
            }
        }
        gateway.surplus += UInt64(max(0, packets.count - limits.radioPacketsPerDatagram))
    }

    private mutating func acknowledge(
        _ datagram: ForwarderDatagram, _ gateway: inout ForwarderGateway, _ effects: inout [Effect]
    ) {
        guard gateway.waiting.remove(datagram.token) else {
            counters.unexpected += 1
            return
        }
        guard let outcome = SendOutcome(text: datagram.text) else {
            counters.unreadable += 1
            return
        }
        effects.append(.sent(outcome, by: datagram.eui))
    }

    /// To the address of the gateway's last PULL_DATA: the only one that a router in between lets through.
    private mutating func send(
        _ request: SendRequest, _ eui: UInt64, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard var gateway = gateways[eui], let address = gateway.downlink else {
            effects.append(.unsent(request, by: eui))
            return
        }
        let token = nextToken
        nextToken &+= 1
        while gateway.waiting.count >= limits.radioQueue { _ = gateway.waiting.popFirst() }
        // Version 1 has no TX_ACK to wait for.
        if gateway.version > 1 { gateway.waiting.insert(token) }
        gateway.transmissions += 1
        gateways.updateValue(gateway, forKey: eui)
        let datagram = ForwarderDatagram(
            version: gateway.version, token: token, kind: .pullResponse, text: request.text)
        effects.append(.reply(datagram.bytes, to: address))
    }
}

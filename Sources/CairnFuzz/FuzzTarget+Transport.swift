import CairnBase
import CairnCrypto
import CairnTransport
import CairnWire

extension FuzzTarget {
    /// Both ends of a negotiation: what is agreed, answered and left over must not depend on how the bytes were cut.
    static let multistream = FuzzTarget("multistream") { bytes in
        guard let first = bytes.first else { return }
        let input = Array(bytes.dropFirst())
        let step = 1 + Int(first & 0x3f)
        if first & 0x80 == 0 {
            let machine = MultistreamListener(accepting: ["/noise", "/cairn/echo/1"])
            let whole = negotiate(machine, input, step: max(1, input.count)) { $0.receive(&$1, into: &$2) }
            let cut = negotiate(machine, input, step: step) { $0.receive(&$1, into: &$2) }
            try require(whole == cut, "a listener's answers depend on how the bytes were cut")
        } else {
            let machine = MultistreamDialer(proposing: ["/noise", "/cairn/echo/1"])
            let whole = negotiate(machine, input, step: max(1, input.count)) { $0.receive(&$1, into: &$2) }
            let cut = negotiate(machine, input, step: step) { $0.receive(&$1, into: &$2) }
            try require(whole == cut, "a dialer's proposals depend on how the bytes were cut")
        }
    }

    private struct Negotiated: Equatable {
        var step = MultistreamStep.waiting
        var output: [UInt8] = []
        var taken = 0
    }

    private static func negotiate<Machine>(
        _ machine: Machine, _ input: [UInt8], step: Int,
        _ receive: (inout Machine, inout ByteReader, inout [UInt8]) -> MultistreamStep
    ) -> Negotiated {
        var machine = machine
        var result = Negotiated()
        for start in stride(from: 0, to: input.count, by: step) {
            let piece = Array(input[start..<min(start + step, input.count)])
            var reader = ByteReader(piece.span.bytes)
            result.step = receive(&machine, &reader, &result.output)
            result.taken += piece.count - reader.remaining
            switch result.step {
            case .waiting: continue
            // How much of a failed negotiation was read is nobody's business.
            case .failed: result.taken = 0
            case .agreed: break
            }
            break
        }
        return result
    }

    /// Handshake messages from somebody without the keys: no such bytes may ever finish a handshake with proof.
    static let noise = FuzzTarget("noise", mutations: 1_000) { bytes in
        guard let first = bytes.first else { return }
        let pattern: NoisePattern = first & 1 == 0 ? .xx : .ik
        let role: NoiseHandshake.Role = first & 2 == 0 ? .responder : .initiator
        let known = pattern == .ik && role == .initiator ? key(3).publicKey : nil
        var handshake = NoiseHandshake(pattern, role, local: key(1), ephemeral: key(2), knownStatic: known)
        var rest = Array(bytes.dropFirst())
        var output: [UInt8] = []
        do {
            while !handshake.isFinished {
                if handshake.isOurTurn {
                    try handshake.write([], into: &output)
                } else {
                    let count = min(rest.count, pattern == .xx && role == .responder && output.isEmpty ? 32 : 96)
                    let message = Array(rest.prefix(count))
                    rest.removeFirst(count)
                    _ = try handshake.read(message.span.bytes)
                }
            }
        } catch { return }
        try require(false, "bytes without keys finished a handshake: \(pattern), \(role)")
    }

    private static func key(_ label: UInt8) -> SharedAgreementKey {
        let seed = Blake2b().digest(DomainTag("cn/fuzz"), [label])
        return SharedAgreementKey(AgreementKey(seed: Seed(known: seed.raw)))
    }

    /// A session against any bytes: the same events however they were cut, and nothing beyond the limits.
    static let yamux = FuzzTarget("yamux") { bytes in
        guard let first = bytes.first else { return }
        let input = Array(bytes.dropFirst())
        let role: YamuxSession.Role = first & 0x80 == 0 ? .listener : .dialer
        let whole = multiplex(role, input, step: max(1, input.count))
        let cut = multiplex(role, input, step: 1 + Int(first & 0x3f))
        try require(whole.events == cut.events, "events depend on how the bytes were cut")
        try require(whole.fault == cut.fault, "the fault depends on how the bytes were cut")
        try require(whole.streams <= Limits().streams.inboundPerConnection + 1, "more streams than allowed")
    }

    private struct Multiplexed {
        var events: [YamuxSession.Event] = []
        var fault: YamuxFault?
        var streams = 0
    }

    /// Runs a session, with neighbouring pieces of one stream's bytes joined.
    private static func multiplex(_ role: YamuxSession.Role, _ input: [UInt8], step: Int) -> Multiplexed {
        var session = YamuxSession(role, at: .origin)
        _ = session.open(.bulk)
        var result = Multiplexed()
        for start in stride(from: 0, to: input.count, by: step) {
            let piece = Array(input[start..<min(start + step, input.count)])
            var events: [YamuxSession.Event] = []
            session.receive(piece.span.bytes, at: .origin, into: &events)
            for event in events {
                if case .received(let id, let more) = event, case .received(id, let before)? = result.events.last {
                    result.events[result.events.count - 1] = .received(id, before + more)
                } else {
                    result.events.append(event)
                }
            }
        }
        result.fault = session.fault
        result.streams = session.streamCount
        return result
    }

    /// What peers say about themselves: what is accepted must be within the limits and mean the same when sent on.
    static let identify = FuzzTarget("identify") { bytes in
        let limits = Limits().addresses
        var reader = IdentifyReader()
        try? reader.receive(bytes.span.bytes)
        if let message = try? reader.finish() {
            try require(message.protocols.count <= limits.identifyProtocols, "more protocols than allowed")
            try require(message.listenAddresses.count <= limits.identifyAddresses, "more addresses than allowed")
            let again = message.encoded
            try require((try? IdentifyMessage(again.span.bytes)) == message, "a message changes when it is sent on")
            try require(IdentifyMessage(node: nil).updated(by: message) == message, "a push is not what it says")
        }
        let signer = NodeID(PublicKey(.zero))
        let record = try? PeerRecord(opening: bytes.span.bytes, from: signer)
        try require(record == nil, "a record without a signature was believed")
    }
}

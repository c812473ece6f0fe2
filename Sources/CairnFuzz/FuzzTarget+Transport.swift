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

    /// A handshake between two honest ends in which the input replaces, cuts or alters messages from one of them on.
    ///
    /// The first byte selects pattern and role of the end under test, the second how many messages arrive as they were
    /// sent, the rest is what arrives instead of the next ones: a mask over the honest message where the third byte is
    /// odd, bytes of the input's own where it is even. Only what was sent may finish a handshake, and no sealed message
    /// opens that was not sealed.
    static let noise = FuzzTarget("noise", mutations: 1_000) { bytes in
        guard bytes.count >= 3 else { return }
        let pattern: NoisePattern = bytes[0] & 1 == 0 ? .xx : .ik
        let role: NoiseHandshake.Role = bytes[0] & 2 == 0 ? .responder : .initiator
        var ends = [
            NoiseHandshake(
                pattern, .initiator, local: key(1), ephemeral: key(2),
                knownStatic: pattern == .ik ? key(3).publicKey : nil),
            NoiseHandshake(pattern, .responder, local: key(3), ephemeral: key(4)),
        ]
        let tested = role == .initiator ? 0 : 1
        var honest = Int(bytes[1] & 3)
        var rest = Array(bytes.dropFirst(3))
        var isAltered = false
        let payload = [UInt8](repeating: 7, count: 24)
        do {
            while !ends[0].isFinished || !ends[1].isFinished {
                let speaker = ends[0].isOurTurn ? 0 : 1
                var message: [UInt8] = []
                // The first message is in the clear and carries nothing, as on a real connection.
                try ends[speaker].write(
                    ends[speaker].remoteStatic == nil && speaker == 0 ? [] : payload, into: &message)
                if speaker != tested {
                    if honest == 0, !rest.isEmpty {
                        let changed = changed(message, by: &rest, isMask: bytes[2] & 1 == 1)
                        isAltered = isAltered || changed != message
                        message = changed
                    }
                    honest = max(0, honest - 1)
                }
                _ = try ends[1 - speaker].read(message.span.bytes)
            }
        } catch {
            return try require(isAltered, "an honest handshake failed: \(error)")
        }
        try require(!isAltered, "a handshake finished over altered messages: \(pattern), \(role)")
        guard var sender = ends[1 - tested].finish(), var receiver = ends[tested].finish() else { return }
        try require(sender.handshakeHash == receiver.handshakeHash, "two ends of a handshake disagree about it")
        try exchange(rest, from: &sender, to: &receiver)
    }

    /// What arrives in place of a message: the input laid over it, or the input's next bytes by their length.
    private static func changed(_ message: [UInt8], by rest: inout [UInt8], isMask: Bool) -> [UInt8] {
        if isMask {
            let mask = rest.prefix(message.count)
            rest.removeFirst(mask.count)
            return message.enumerated().map { $0.element ^ ($0.offset < mask.count ? mask[$0.offset] : 0) }
        }
        let count = min(rest.count, message.count)
        defer { rest.removeFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Sealed messages of the finished channel: each byte of the input seals one and says how it arrives.
    private static func exchange(
        _ input: [UInt8], from sender: inout NoiseChannel, to receiver: inout NoiseChannel
    ) throws {
        for byte in input.prefix(64) {
            var sealed: [UInt8] = []
            let plain = [UInt8](repeating: byte, count: Int(byte >> 2))
            try? sender.seal(plain.span.bytes, into: &sealed)
            if byte & 3 == 1, !sealed.isEmpty { sealed[Int(byte) % sealed.count] ^= 1 }
            if byte & 3 == 2 { sealed.removeLast() }
            if byte & 3 == 3 { try? sender.seal(plain.span.bytes, into: &sealed) }
            var opened: [UInt8] = []
            let isOpened = (try? receiver.open(sealed.span.bytes, into: &opened)) != nil
            try require(isOpened == (byte & 3 == 0), "a message \(isOpened ? "opened" : "did not open"): \(byte)")
            guard isOpened else { return }
            try require(opened == plain, "a message opened as another one")
        }
    }

    private static func key(_ label: UInt8) -> SharedAgreementKey {
        let seed = Blake2b().digest(DomainTag("cn/fuzz"), [label])
        return SharedAgreementKey(AgreementKey(seed: Seed(known: seed.raw)))
    }

    /// A session against any bytes: the same events however they were cut, and nothing beyond the limits. Meanwhile it
    /// writes, consumes and sends, so that its windows move.
    static let yamux = FuzzTarget("yamux") { bytes in
        guard let first = bytes.first else { return }
        let input = Array(bytes.dropFirst())
        let role: YamuxSession.Role = first & 0x80 == 0 ? .listener : .dialer
        let isBusy = first & 0x40 != 0
        let whole = try multiplex(role, input, step: isBusy ? 12 : max(1, input.count), isBusy: isBusy)
        let cut = try multiplex(role, input, step: isBusy ? 12 : 1 + Int(first & 0x3f), isBusy: isBusy)
        try require(whole.events == cut.events, "events depend on how the bytes were cut")
        try require(whole.fault == cut.fault, "the fault depends on how the bytes were cut")
        try require(whole.sent == cut.sent, "what is sent depends on anything but the input")
    }

    private struct Multiplexed {
        var events: [YamuxSession.Event] = []
        var fault: YamuxFault?
        var sent: [UInt8] = []
    }

    /// Runs a session, with neighbouring pieces of one stream's bytes joined. A busy one answers everything it hears,
    /// consumes it, and takes what there is to send after every piece.
    private static func multiplex(
        _ role: YamuxSession.Role, _ input: [UInt8], step: Int, isBusy: Bool
    ) throws -> Multiplexed {
        let limits = Limits()
        var session = YamuxSession(role, at: .origin)
        let ours = session.open(.bulk)
        var result = Multiplexed()
        for start in stride(from: 0, to: input.count, by: step) {
            let piece = Array(input[start..<min(start + step, input.count)])
            var events: [YamuxSession.Event] = []
            session.receive(piece.span.bytes, at: .origin, into: &events)
            for event in events {
                if isBusy { answer(event, of: &session, into: &result.events) }
                if case .received(let id, let more) = event, case .received(id, let before)? = result.events.last {
                    result.events[result.events.count - 1] = .received(id, before + more)
                } else {
                    result.events.append(event)
                }
            }
            if isBusy {
                if let ours { _ = session.write(ours, piece) }
                session.produce(4_096, into: &result.sent, events: &result.events)
            }
            try require(
                session.streamCount <= limits.streams.inboundPerConnection + 1, "more streams than allowed")
        }
        result.fault = session.fault
        return result
    }

    private static func answer(
        _ event: YamuxSession.Event, of session: inout YamuxSession, into events: inout [YamuxSession.Event]
    ) {
        switch event {
        case .received(let id, let bytes):
            _ = session.write(id, bytes)
            session.consume(id, bytes.count, into: &events)
        case .finished(let id): session.finish(id)
        default: break
        }
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

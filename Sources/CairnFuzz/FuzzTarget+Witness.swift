import CairnBase
import CairnWire
import CairnWitness

extension FuzzTarget {
    /// A datagram of a packet forwarder, with its kind and hardware number as they come, and once more as what a listed
    /// gateway pushes.
    static let forwarder = FuzzTarget("gwmp") { bytes in
        let source = Endpoint(.loopback, port: 1)
        let eui: UInt64 = 0x0102_0304_0506_0708
        var server = ForwarderServer(listed: [eui])
        let pushed = ForwarderDatagram(token: 7, kind: .pushData, eui: eui, text: bytes).bytes
        for datagram in [bytes, pushed] {
            var effects: [ForwarderServer.Effect] = []
            server.handle(.datagram(datagram, from: source), at: .origin, into: &effects)
            let replies = effects.count { if case .reply = $0 { true } else { false } }
            try require(replies <= 1 && effects.count <= 256, "a datagram has one answer at most")
            for case .beacon(let reception, _) in effects {
                try require(reception.payload.count == Beacon.payloadCount, "a beacon has its length")
            }
            if let read = ForwarderDatagram(datagram.span.bytes) {
                try require(read.bytes == datagram, "a datagram has two encodings")
            }
        }
        if let request = SendRequest(text: bytes, payloadMax: 255) {
            try require(
                SendRequest(text: request.text, payloadMax: 255) == request, "a frame to send reads back changed")
        }
    }

    /// Messages of coverage: the first byte selects a kind of message, what is kept of one, or a round trip.
    static let coverage = FuzzTarget("coverage") { bytes in
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch kind % 4 {
        case 0: try requireCanonical(WitnessMessage.self, rest)
        case 1: try requireCanonical(EndorsedReveal.self, rest)
        case 2: try requireCanonical(Promise.self, rest)
        default: try requireCanonical(RoundTripReceipt.self, rest)
        }
    }
}

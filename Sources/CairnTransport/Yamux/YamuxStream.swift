internal import CairnBase

/// The number of a stream on its connection: odd ones were opened by the dialer, even ones by the listener.
public struct StreamID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let number: UInt32

    init(_ number: UInt32) {
        self.number = number
    }

    public static func < (left: StreamID, right: StreamID) -> Bool { left.number < right.number }
    public var description: String { "stream \(number)" }
}

/// One stream's credit, unsent bytes and half-closed ends.
struct YamuxStream {
    var sendClass: SendClass
    /// Bytes the peer allows us to send, and we allow the peer to send.
    var sendCredit: UInt32
    var receiveCredit: UInt32
    /// Consumed bytes for which no credit was given back yet.
    var consumed: UInt32 = 0
    /// Received bytes that the application holds.
    var unconsumed: UInt32 = 0
    var unsent = ByteQueue()
    /// SYN until the first frame of a stream we opened has left.
    var greeting: YamuxHeader.Flags
    var acknowledged: Bool
    /// We have nothing more to write; the FIN leaves after the last byte.
    var finishing = false
    var sentFinish = false
    var receivedFinish = false
    /// Whether the stream stands in its class's queue of streams that can send.
    var queued = false

    /// Whether a data frame could leave now.
    var canSend: Bool {
        (!unsent.isEmpty && sendCredit > 0) || (unsent.isEmpty && finishing && !sentFinish)
            || greeting.contains(.syn)
    }

    /// Moves one data frame of at most `limit` bytes onto `output`, the end of our side with the last. Answers how many
    /// bytes it holds; nothing when there is no frame to send.
    mutating func moveFrame(of number: UInt32, limit: Int, into output: inout [UInt8]) -> Int? {
        guard canSend else { return nil }
        let size = min(unsent.count, Int(sendCredit), limit)
        var flags = greeting
        greeting = []
        if finishing, size == unsent.count {
            flags.insert(.fin)
            sentFinish = true
        }
        YamuxHeader(.data, flags, stream: number, length: UInt32(size)).append(to: &output)
        unsent.move(size, to: &output)
        sendCredit -= UInt32(size)
        return size
    }
}

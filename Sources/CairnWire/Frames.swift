internal import CairnBase

/// How the length in front of a frame is written.
public enum FrameLength: Sendable {
    /// Two bytes, big-endian: around Noise messages on libp2p connections.
    case u16BigEndian
    /// Four bytes, little-endian: between our own nodes and in our own files.
    case u32
    /// An unsigned varint: on libp2p streams.
    case uvarint
}

/// Cuts a byte stream into frames, each a length and that many bytes.
///
/// It takes from the caller's reader exactly the bytes of one frame and leaves the rest there, so whatever follows
/// (a pipelined message, the next protocol of the connection) is never swallowed. Only a frame that is still
/// incomplete is kept. Its buffer grows with the bytes that arrived, never with the length that was announced, and
/// stays below `limit`. After an error the stream has lost its frame borders: the same error is given for ever.
public struct FrameReader: Sendable {
    private let length: FrameLength
    private let limit: Int
    private var header = ByteWriter(capacity: 10)
    private var body: [UInt8] = []
    private var missing: Int?
    private var failure: DecodeError?

    public init(_ length: FrameLength, limit: Int) {
        self.length = length
        self.limit = max(limit, 0)
    }

    /// Bytes of a frame whose end has not arrived.
    public var heldCount: Int { body.count }

    /// The next whole frame, or nil when `input` was used up before its end.
    public mutating func next(from input: inout ByteReader) throws(DecodeError) -> [UInt8]? {
        if let failure { throw failure }
        do {
            return try advance(&input)
        } catch {
            failure = error
            body = []
            throw error
        }
    }

    /// The next frame as it lies in `input`, where it lies there whole; nil otherwise, with nothing taken. A way past the
    /// copy that `next` makes, to be tried before it.
    @_lifetime(copy input)
    public func wholeFrame(in input: inout ByteReader) -> RawSpan? {
        guard failure == nil, missing == nil, header.bytes.isEmpty, length == .u16BigEndian else { return nil }
        var ahead = ByteReader(input.rest)
        guard let size = try? ahead.u16().byteSwapped, size <= limit, let frame = try? ahead.take(Int(size)) else {
            return nil
        }
        input = ahead
        return frame
    }

    private mutating func advance(_ input: inout ByteReader) throws(DecodeError) -> [UInt8]? {
        if missing == nil {
            guard let size = try size(&input) else { return nil }
            guard size <= UInt64(limit) else { throw .tooLarge(size: size, limit: UInt64(limit)) }
            missing = Int(size)
        }
        guard let missing else { return nil }
        let part = try input.take(min(missing, input.remaining))
        // SAFETY: the borrowed bytes are copied before the closure returns.
        unsafe part.withUnsafeBytes { unsafe body.append(contentsOf: $0) }
        guard part.byteCount == missing else {
            self.missing = missing - part.byteCount
            return nil
        }
        self.missing = nil
        defer { body = [] }
        return body
    }

    /// Collects the length byte by byte, because a stream may be cut anywhere.
    private mutating func size(_ input: inout ByteReader) throws(DecodeError) -> UInt64? {
        while input.remaining > 0 {
            let byte = try input.u8()
            header.u8(byte)
            guard isComplete(header.bytes.count, last: byte) else { continue }
            defer { header.removeAll() }
            let bytes = header.bytes
            var reader = ByteReader(bytes.span.bytes)
            switch length {
            case .u16BigEndian: return UInt64(try reader.u16().byteSwapped)
            case .u32: return UInt64(try reader.u32())
            case .uvarint: return try reader.uvarint()
            }
        }
        return nil
    }

    private func isComplete(_ count: Int, last byte: UInt8) -> Bool {
        switch length {
        case .u16BigEndian: count == 2
        case .u32: count == 4
        case .uvarint: byte < 0x80 || count == 10
        }
    }
}

extension ByteWriter {
    /// One frame: the length in the given form, then the bytes.
    public mutating func frame(_ length: FrameLength, _ payload: [UInt8]) {
        switch length {
        case .u16BigEndian:
            invariant(payload.count <= Int(UInt16.max), "a frame's length fits its 16 bits")
            u16(UInt16(payload.count).byteSwapped)
            raw(payload)
        case .u32: bytes(payload)
        case .uvarint: uvarintBytes(payload)
        }
    }
}

internal import CBlake2b
public import CairnBase

extension Blake2b {
    /// How many messages the processor hashes side by side; 0 where it has no vectors for that.
    static let lanes = Int(blake2b_lanes())

    public func digests(_ tag: DomainTag, of messages: RawSpan, each length: Int) -> [Digest] {
        digests(tag, of: messages, each: length, lanes: Self.lanes)
    }

    /// With at most so many lanes of those there are.
    func digests(_ tag: DomainTag, of messages: RawSpan, each length: Int, lanes most: Int) -> [Digest] {
        requireWhole(messages, each: length)
        let count = messages.byteCount / length
        var digests: [Digest] = []
        digests.reserveCapacity(count)
        for lanes in [8, 4] where lanes <= most {
            while digests.count + lanes <= count {
                let start = digests.count * length
                let group = messages.extracting(start..<(start + lanes * length))
                append(tag, group, each: length, lanes: lanes, to: &digests)
            }
        }
        for start in stride(from: digests.count * length, to: count * length, by: length) {
            digests.append(digest(tag, messages.extracting(start..<(start + length))))
        }
        return digests
    }

    /// One message for each lane.
    private func append(
        _ tag: DomainTag, _ group: RawSpan, each length: Int, lanes: Int, to digests: inout [Digest]
    ) {
        let bytes = InlineArray<256, UInt8> { output in
            tag.inline.lend { personal in
                group.lend { messages, _ in
                    // SAFETY: the group has a message for each lane, and the output room for eight digests.
                    unsafe blake2b_side_by_side(Int32(lanes), personal, messages, length, output)
                }
            }
        }
        for lane in 0..<lanes {
            let digest = bytes.span.bytes.extracting((lane * Bytes32.count)..<((lane + 1) * Bytes32.count))
            if let raw = Bytes32(digest) { digests.append(Digest(raw)) }
        }
    }
}

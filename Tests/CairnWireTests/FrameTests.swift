import CairnBase
import CairnWire
import Testing

@Suite struct FrameTests {
    /// Feeds `stream` in random pieces and collects the frames.
    private func frames(
        _ stream: [UInt8], _ length: FrameLength, limit: Int, random: inout SeededRandom
    ) throws(DecodeError) -> [[UInt8]] {
        var reader = FrameReader(length, limit: limit)
        var frames: [[UInt8]] = []
        var start = 0
        while start < stream.count {
            let end = min(stream.count, start + 1 + Int(random.below(9)))
            let piece = Array(stream[start..<end])
            var input = ByteReader(piece.span.bytes)
            while let frame = try reader.next(from: &input) { frames.append(frame) }
            start = end
        }
        return frames
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func framesSurviveAnyCut(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for length in [FrameLength.u32, .uvarint] {
            var writer = ByteWriter()
            let sent = (0..<20).map { _ in random.bytes(Int(random.number() % 300)) }
            for frame in sent { writer.frame(length, frame) }
            #expect(try frames(writer.bytes, length, limit: 300, random: &random) == sent)
        }
    }

    @Test func whatFollowsAFrameStaysWithTheCaller() throws {
        let stream: [UInt8] = [2, 10, 11, 7, 8, 9]
        var frames = FrameReader(.uvarint, limit: 8)
        var input = ByteReader(stream.span.bytes)
        #expect(try frames.next(from: &input) == [10, 11])
        #expect(try input.raw(input.remaining) == [7, 8, 9])
    }

    @Test func emptyFramesCount() throws {
        let stream: [UInt8] = [0, 0, 1, 5]
        var frames = FrameReader(.uvarint, limit: 8)
        var input = ByteReader(stream.span.bytes)
        #expect(try frames.next(from: &input) == [])
        #expect(try frames.next(from: &input) == [])
        #expect(try frames.next(from: &input) == [5])
        #expect(try frames.next(from: &input) == nil)
    }

    @Test func anAnnouncedLengthAboveTheLimitEndsTheStream() throws {
        let stream: [UInt8] = [0xff, 0xff, 0xff, 0xff, 1, 2, 3]
        var frames = FrameReader(.u32, limit: 1 << 20)
        for _ in 0..<2 {
            #expect(throws: DecodeError.tooLarge(size: 0xffff_ffff, limit: 1 << 20)) {
                var input = ByteReader(stream.span.bytes)
                _ = try frames.next(from: &input)
            }
        }
    }

    @Test func aLengthThatIsNoVarintEndsTheStream() throws {
        for (bytes, expected) in [
            ([UInt8](repeating: 0xff, count: 11), DecodeError.invalid("varint")),
            ([0x80, 0x00], .notCanonical("varint")),
        ] {
            var frames = FrameReader(.uvarint, limit: 100)
            #expect(throws: expected) {
                for byte in bytes {
                    let piece = [byte]
                    var input = ByteReader(piece.span.bytes)
                    _ = try frames.next(from: &input)
                }
            }
        }
    }
}

import CairnBase
import CairnCrypto
import Testing

@Suite struct SecretStreamTests {
    private let key = SecureRandom.bytes32()

    /// A sealed stream of the given chunks, the last one marked final unless `cut`.
    private func seal(
        _ chunks: [[UInt8]], cut: Bool = false
    ) -> (header: InlineArray<24, UInt8>, sealed: [[UInt8]]) {
        var sealer = SecretStream.Sealer(key: key)
        var sealed: [[UInt8]] = []
        for (index, chunk) in chunks.enumerated() {
            var output: [UInt8] = []
            let isLast = index == chunks.count - 1 && !cut
            sealer.seal(chunk.span.bytes, tag: isLast ? .final : .message, into: &output)
            #expect(output.count == chunk.count + SecretStream.overhead)
            sealed.append(output)
        }
        return (sealer.header, sealed)
    }

    private func open(_ stream: (header: InlineArray<24, UInt8>, sealed: [[UInt8]])) throws(SecretStreamError)
        -> [UInt8]
    {
        var opener = SecretStream.Opener(key: key, header: stream.header)
        var output: [UInt8] = []
        for chunk in stream.sealed { _ = try opener.open(chunk.span.bytes, into: &output) }
        try opener.finish()
        return output
    }

    @Test func aStreamOpensToWhatWasSealed() throws {
        #expect(try open(seal([[1, 2], [], [3]])) == [1, 2, 3])
        #expect(try open(seal([[]])) == [])
    }

    @Test func aStreamThatIsBegunAnewGivesTheSameBytes() throws {
        let chunks: [[UInt8]] = [[1, 2], [], [3]]
        let stream = seal(chunks)
        var again = SecretStream.Sealer(key: key, again: stream.header)
        for (chunk, sealed) in zip(chunks.dropLast(), stream.sealed) {
            var output: [UInt8] = []
            again.seal(chunk.span.bytes, into: &output)
            #expect(output == sealed)
        }
        // And it ends as a stream does.
        var last: [UInt8] = []
        let end = chunks[2]
        again.seal(end.span.bytes, tag: .final, into: &last)
        #expect(try open((stream.header, stream.sealed.dropLast() + [last])) == [1, 2, 3])
    }

    @Test func aCutStreamIsTruncated() {
        #expect(throws: SecretStreamError.truncated) { try open(seal([[1], [2]], cut: true)) }
        #expect(throws: SecretStreamError.truncated) { try open((seal([[1]]).header, [])) }
        var stream = seal([[1], [2], [3]])
        stream.sealed.removeLast()
        #expect(throws: SecretStreamError.truncated) { try open(stream) }
        stream.sealed[1] = Array(stream.sealed[1].prefix(SecretStream.overhead - 1))
        #expect(throws: SecretStreamError.truncated) { try open(stream) }
    }

    @Test func movedRepeatedAlteredAndForeignChunksAreForged() {
        let stream = seal([[1], [2], [3]])
        let (a, b, c) = (stream.sealed[0], stream.sealed[1], stream.sealed[2])
        for chunks in [[b, a, c], [a, a, b, c], [a, c], seal([[1], [2], [3]]).sealed] {
            #expect(throws: SecretStreamError.forged) { try open((stream.header, chunks)) }
        }
        for index in b.indices {
            var altered = b
            altered[index] ^= 0x10
            #expect(throws: SecretStreamError.forged) { try open((stream.header, [a, altered, c])) }
        }
    }

    @Test func nothingFollowsTheEnd() {
        let stream = seal([[1], [2]])
        #expect(throws: SecretStreamError.afterEnd) { try open((stream.header, stream.sealed + [stream.sealed[1]])) }
    }
}

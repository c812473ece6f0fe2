import Glibc
import Testing

@testable import CairnCLI

@Suite struct OutputTests {
    @Test func `an answer that finds no room is remembered`() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let sink = DescriptorSink(descriptor: full)
        #expect(sink.loss == nil)
        sink.write("the 24 words")
        #expect(sink.loss == ENOSPC)
    }

    @Test func `a reader that went away lost nothing`() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let sink = DescriptorSink(descriptor: ends[1])
        sink.write("x")
        #expect(sink.loss == nil)
    }
}

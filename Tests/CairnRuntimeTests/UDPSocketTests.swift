import CairnBase
import Testing

@testable import CairnRuntime

@Suite struct UDPSocketTests {
    @Test func `datagrams arrive whole with their sender`() throws {
        let run = try LoopRun()
        var heard: [(Endpoint, [UInt8])] = []
        let listener = try UDPSocket(on: run.loop, bind: .freeLoopback) { from, payload in
            heard.append((from, payload.array))
            if heard.count == 200 { run.finish() }
        }
        let speaker = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        for number in 0..<200 { #expect(speaker.send([UInt8(number), 7], to: listener.local)) }
        try run.run()
        #expect(heard.map(\.1) == (0..<200).map { [UInt8($0), 7] })
        #expect(heard.allSatisfy { $0.0 == speaker.local })
        #expect(speaker.counters.sent == 200)
        #expect(listener.counters.receivedBytes == 400)
    }

    @Test func `works over IPv6`() throws {
        let run = try LoopRun()
        let local = Endpoint(try #require(IPAddress("::1")), port: 0)
        let echo = try UDPSocket(on: run.loop, bind: local) { _, payload in
            #expect(payload.array == [1, 2, 3])
            run.finish()
        }
        echo.send([1, 2, 3], to: echo.local)
        try run.run()
        #expect(echo.local.address.description == "::1")
    }

    @Test func `what is too long is refused on the way out and counted on the way in`() throws {
        let run = try LoopRun()
        var small = UDPSocket.Limits()
        small.payload = 100
        let listener = try UDPSocket(on: run.loop, bind: .freeLoopback, limits: small) { _, payload in
            #expect(payload.byteCount == 100)
            run.finish()
        }
        let speaker = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        #expect(!speaker.send([UInt8](repeating: 1, count: 1_201), to: listener.local))
        #expect(!speaker.send([], to: listener.local))
        #expect(speaker.counters.unsendable == 2)
        #expect(speaker.send([UInt8](repeating: 1, count: 101), to: listener.local))
        #expect(speaker.send([UInt8](repeating: 1, count: 100), to: listener.local))
        try run.run()
        #expect(listener.counters.oversize == 1)
        #expect(listener.counters.received == 1)
    }

    @Test func `the send queue is bounded and drops are counted`() throws {
        let run = try LoopRun()
        var limits = UDPSocket.Limits()
        limits.sendQueue = 3
        let socket = try UDPSocket(on: run.loop, bind: .freeLoopback, limits: limits) { _, _ in }
        let taken = (0..<5).map { _ in socket.send([1], to: socket.local) }
        #expect(taken == [true, true, true, false, false])
        #expect(socket.counters.queueFull == 2)
        run.loop.after(.zero) { run.finish() }
        try run.run()
        #expect(socket.counters.sent == 3)
        #expect(socket.send([1], to: socket.local))
    }

    @Test func `a datagram the kernel refuses does not hold up the next`() throws {
        let run = try LoopRun()
        let listener = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in run.finish() }
        let speaker = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        // Port 0 is no destination.
        speaker.send([1], to: Endpoint(.loopback, port: 0))
        speaker.send([2], to: listener.local)
        try run.run()
        #expect(speaker.counters.refused == 1)
        #expect(speaker.counters.sent == 1)
    }

    @Test func `a flood is read in bounded portions`() throws {
        let run = try LoopRun()
        var limits = UDPSocket.Limits()
        limits.receivePerTurn = 16
        var perTurn: [UInt64: Int] = [:]
        var heard = 0
        let listener = try UDPSocket(on: run.loop, bind: .freeLoopback, limits: limits) { _, _ in
            perTurn[run.loop.turns, default: 0] += 1
            heard += 1
            if heard == 100 { run.finish() }
        }
        let speaker = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        for _ in 0..<100 { speaker.send([1], to: listener.local) }
        try run.run()
        #expect(perTurn.values.allSatisfy { $0 <= 16 })
    }

    @Test func `a taken port is an error with its name`() throws {
        let run = try LoopRun()
        let first = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, _ in }
        let error = try #require(throws: SystemError.self) {
            _ = try UDPSocket(on: run.loop, bind: first.local) { _, _ in }
        }
        #expect(error.isAddressInUse)
        #expect(error.description == "bind: Address already in use")
    }
}

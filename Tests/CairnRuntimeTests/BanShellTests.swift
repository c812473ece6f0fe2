import CairnBase
import CairnGossip
import CairnWire
import Testing

@testable import CairnRuntime

/// What a node makes of offences: whom it spares, and how often it writes that down.
@Suite(.serialized) struct BanShellTests {
    private static let named = Endpoint(IPAddress(v4: 0x0b00_0001), port: 7_470)

    private func node(_ number: UInt8) -> NodeID { NodeID(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero) }

    private func shell(_ run: LoopRun, _ folder: TemporaryFolder) throws -> BanShell {
        BanShell(
            on: run.loop, at: folder.path + "/peers.bans", sparing: ChosenPeers([Self.named]),
            log: LogOutput(LogOutput.Options()).logger("p2p"))
    }

    @Test func `spared is who answered at a configured endpoint, and its address, but nobody who names the endpoint`()
        throws
    {
        let (run, folder) = (try LoopRun(), try TemporaryFolder())
        let bans = try shell(run, folder)
        bans.reached(node(1), at: Self.named)
        bans.reached(node(2), at: Endpoint(Self.named.address, port: 9))
        for number in 1...5 { bans.offended(node(UInt8(number)), .forgedRecord, at: Self.named.address) }
        run.loop.after(.milliseconds(1)) { run.finish() }
        try run.run()
        #expect(bans.list.banned.nodes.count == 4 && !bans.list.banned.forbids(node(1)))
        #expect(bans.spared == 1)
        #expect(bans.list.banned.addresses.isEmpty, "a peer that the operator chose is there")
    }

    @Test func `a crowd of offenders is written once and then once more, the operator's word at once`() throws {
        let (run, folder) = (try LoopRun(), try TemporaryFolder())
        let bans = try shell(run, folder)
        for number in 1...200 { bans.offended(node(UInt8(number)), .falseKey, at: nil) }
        run.loop.after(.milliseconds(1)) {
            #expect(bans.saves == (done: 1, joined: 199))
            #expect(bans.ban(.node(node(201)), for: .seconds(60), note: "") != nil)
            #expect(bans.saves.done == 2, "with all the others")
            bans.offended(node(202), .falseKey, at: nil)
            run.loop.after(.milliseconds(1)) { run.finish() }
        }
        try run.run()
        #expect(bans.saves == (done: 2, joined: 200) && bans.list.banned.nodes.count == 202)
        bans.stop()
        #expect(bans.saves.done == 3)
        #expect(try shell(run, folder).list.bans.count == 202)
    }

    /// The timer of a save that the operator's word overtook is not the one of what came after that.
    @Test func `what joins after the operator's word waits a whole pause of its own`() throws {
        let (run, folder) = (try LoopRun(), try TemporaryFolder())
        let pause = TimeSpan.milliseconds(200)
        let bans = BanShell(
            on: run.loop, at: folder.path + "/peers.bans", pausing: pause,
            log: LogOutput(LogOutput.Options()).logger("p2p"))
        var overtaken: Instant?
        bans.offended(node(1), .falseKey, at: nil)
        bans.offended(node(2), .falseKey, at: nil)
        run.loop.after(.milliseconds(100)) {
            #expect(bans.ban(.node(node(3)), for: .seconds(60), note: "") != nil)
            overtaken = bans.saved
            bans.offended(node(4), .falseKey, at: nil)
            run.loop.after(.milliseconds(400)) { run.finish() }
        }
        try run.run()
        let (last, before) = (try #require(bans.saved), try #require(overtaken))
        #expect(last.since(before) >= pause)
        #expect(try shell(run, folder).list.bans.count == 4, "written without a stop")
    }

    @Test func `a damaged list counts for nothing and is put aside, not written over`() throws {
        let (run, folder) = (try LoopRun(), try TemporaryFolder())
        let path = folder.path + "/peers.bans"
        #expect(try shell(run, folder).ban(.node(node(1)), for: .seconds(60), note: "") != nil)
        var bytes = try SmallFile.read(path, limit: 1_000)
        #expect(try shell(run, folder).list.bans.count == 1, "read as it was written")
        bytes[40] ^= 1
        for damaged in [bytes, [UInt8](repeating: 7, count: 4 << 20)] {
            try SmallFile.replace(path, with: damaged)
            let bans = try shell(run, folder)
            #expect(bans.list.bans.isEmpty)
            #expect(bans.ban(.node(node(2)), for: .seconds(60), note: "") != nil)
            #expect(try SmallFile.read(path + ".damaged", limit: 4 << 20) == damaged)
            #expect(try shell(run, folder).list.bans.count == 1)
        }
    }

    @Test func `what is lifted was banned or remembered`() throws {
        let (run, folder) = (try LoopRun(), try TemporaryFolder())
        let bans = try shell(run, folder)
        #expect(!bans.lift(.node(node(1))))
        #expect(bans.ban(.node(node(1)), for: .seconds(60), note: "") != nil)
        #expect(bans.lift(.node(node(1))) && !bans.lift(.node(node(1))))
    }
}

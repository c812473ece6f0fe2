import CairnBase
import CairnWitness
import Testing

@testable import CairnRuntime

/// Whoever looks on sees each packet once, and by the numbers that some are gone.
@Suite struct PacketMemoryTests {
    private func packet(_ gateway: UInt64, _ fate: HeardPacket.Fate = .taken) -> HeardPacket {
        HeardPacket(gateway: gateway, time: WallTime(millisecondsSince1970: 0), reception: nil, fate: fate)
    }

    @Test func keepsTheNewest() {
        var memory = PacketMemory(capacity: 3)
        #expect(memory.packets(from: 0, limit: 10).isEmpty && memory.next == 0)
        for gateway in UInt64(0)..<5 { memory.add(packet(gateway)) }
        #expect(memory.next == 5)
        #expect(memory.packets(from: 0, limit: 10).map(\.0) == [2, 3, 4])
        #expect(memory.packets(from: 0, limit: 10).map(\.1.gateway) == [2, 3, 4])
        #expect(memory.packets(from: 4, limit: 10).map(\.0) == [4])
        #expect(memory.packets(from: 0, limit: 1).map(\.0) == [4])
        #expect(memory.packets(from: 5, limit: 10).isEmpty && memory.packets(from: .max, limit: 10).isEmpty)
    }

    @Test func saysWhatBecameOfEach() {
        #expect(packet(1).isOurs && packet(1).ignored == nil)
        #expect(!packet(1, .notOurs).isOurs && packet(1, .notOurs).ignored?.code == "not_ours")
        for objection in BeaconObjection.allCases {
            let told = packet(1, .ignored(objection))
            #expect(told.isOurs && told.ignored?.code == objection.rawValue && told.ignored?.words == objection.words)
        }
        for refusal in PacketRefusal.allCases {
            let told = packet(1, .refused(refusal))
            #expect(!told.isOurs && told.ignored?.words == refusal.words)
        }
    }
}

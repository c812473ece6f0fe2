import CairnBase
import Testing

@testable import CairnGossip

/// Many cores on a network: everybody gets everything once, quickly and without much repetition.
@Suite struct PubSubDeliveryTests {
    @Test(arguments: [1, 2] as [UInt64])
    func everybodyGetsEverythingOnce(seed: UInt64) {
        var network = PubSubNetwork(count: 40, seed: seed)
        network.linkAtRandom(each: 8)
        network.run(.seconds(15))
        var ids: [MessageID] = []
        network.receivedMessages = 0
        for number in 0..<40 {
            ids.append(network.publish(by: (number * 7) % 40))
            network.run(.milliseconds(20))
        }
        network.run(.seconds(3))
        for (index, judged) in network.judged.enumerated() {
            #expect(ids.allSatisfy { judged[$0]?.count == 1 }, "node \(index)")
        }
        let copies = Double(network.receivedMessages) / Double(39 * ids.count)
        #expect(copies < 7, "\(copies) copies of each")
        for node in network.nodes {
            let mesh = node.mesh(of: PubSubNetwork.topic).count
            #expect((5...12).contains(mesh), "\(mesh) mesh links")
            #expect(node.connected.allSatisfy { node.score.value(of: $0) >= 0 })
        }
    }

    /// Large messages go to two at once and are pulled by the others: hardly anybody gets one twice.
    @Test func largeMessagesArriveAboutOnce() {
        var shape = TopicSettings()
        (shape.degree, shape.low, shape.high) = (8, 6, 12)
        var network = PubSubNetwork(count: 40, seed: 9, shape: shape)
        network.linkAtRandom(each: 8)
        network.run(.seconds(15))
        network.receivedMessages = 0
        var ids: [MessageID] = []
        for number in 0..<20 {
            ids.append(network.publish(by: number, bytes: 16 << 10))
            network.run(.milliseconds(300))
        }
        network.run(.seconds(3))
        #expect(network.judged.allSatisfy { judged in ids.allSatisfy { judged[$0]?.count == 1 } })
        let copies = Double(network.receivedMessages) / Double(39 * ids.count)
        #expect(copies < 2.8, "\(copies) copies of each")
    }

    /// A third of the peers takes part in everything and forwards nothing.
    @Test func silentPeersDoNotStopMessages() {
        var network = PubSubNetwork(count: 60, seed: 11)
        network.judge = { index, _ in index % 3 == 0 ? .ignore : .accept }
        network.linkAtRandom(each: 8)
        network.run(.seconds(15))
        var ids: [MessageID] = []
        for number in 0..<50 {
            ids.append(network.publish(by: 1 + 3 * (number % 20)))
            network.run(.milliseconds(50))
        }
        network.run(.seconds(5))
        for index in network.nodes.indices where index % 3 != 0 {
            #expect(ids.allSatisfy { network.judged[index][$0] != nil }, "node \(index)")
        }
    }

    /// Who only speaks floodsub gets everything and is asked for nothing.
    @Test func floodsubPeersAreServed() {
        var network = PubSubNetwork(count: 4, seed: 12)
        network.link(0, 1, delay: .milliseconds(5))
        network.link(1, 2, delay: .milliseconds(5), .floodsub)
        network.link(2, 3, delay: .milliseconds(5), .floodsub)
        network.run(.seconds(2))
        let ids = (0..<5).map { _ in network.publish(by: 0) }
        network.run(.seconds(2))
        #expect(network.judged.allSatisfy { judged in ids.allSatisfy { judged[$0]?.count == 1 } })
        #expect(network.nodes[1].mesh(of: PubSubNetwork.topic) == [PubSubNetwork.node(0)])
    }

    /// Half of a network falls silent at once: the others still reach one another.
    @Test func halfOfThemMayVanish() {
        var network = PubSubNetwork(count: 80, seed: 13)
        network.linkAtRandom(each: 10)
        network.run(.seconds(15))
        network.judge = { index, _ in index % 2 == 0 ? .ignore : .accept }
        let ids = (0..<20).map { network.publish(by: 1 + 2 * $0) }
        network.run(.seconds(4))
        for index in stride(from: 1, to: 80, by: 2) {
            #expect(ids.allSatisfy { network.judged[index][$0] != nil }, "node \(index)")
        }
    }
}

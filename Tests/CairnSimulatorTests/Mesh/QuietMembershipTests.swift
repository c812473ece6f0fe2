import CairnBase
import CairnGossip
import CairnSimulator
import Testing

@Suite struct QuietMembershipTests {
    private func network(_ nodes: Int, _ change: (inout QuietMembership.Setting) -> Void = { _ in }) -> QuietMembership
    {
        var setting = QuietMembership.Setting(nodes: nodes)
        change(&setting)
        return QuietMembership(setting)
    }

    @Test func `a seed decides everything`() {
        func play(_ seed: UInt64) -> (TimeSpan?, UInt64) {
            var mesh = network(12) { ($0.seed, $0.lost) = (seed, 100) }
            let agreed = mesh.run(for: .seconds(60)) { $0.allAgree }
            mesh.run(for: .seconds(10))
            return (agreed, mesh.counts.bytes)
        }
        #expect(play(3) == play(3) && play(3) != play(4))
    }

    @Test func `all come to know all, and miss one that is gone, not before it is`() throws {
        var mesh = network(20)
        let agreed = try #require(mesh.run(for: .seconds(30)) { $0.allAgree })
        #expect(agreed > .zero)
        mesh.run(for: .seconds(30))
        #expect(mesh.allAgree && mesh.counts.falseDeaths == 0 && mesh.holders(of: 7) == 19)
        mesh.kill(7)
        #expect(mesh.holders(of: 7) == 19, "nobody knows yet")
        let missed = try #require(mesh.run(for: .seconds(60)) { $0.holders(of: 7) == 0 })
        #expect(missed >= .seconds(2), "the shortest suspicion")
        #expect(mesh.allAgree && mesh.counts.falseDeaths == 0)
    }

    @Test func `marks of those that stand still are not marks of the others`() {
        var mesh = network(16) { ($0.slow, $0.slowFor) = (2, .seconds(20)) }
        mesh.run(for: .seconds(120))
        #expect(mesh.counts.slowDeaths > 0 && mesh.counts.falseDeaths == 0 && mesh.suspicions > 0)
        mesh.forgetCounts()
        #expect(mesh.suspicions == 0 && mesh.counts.bytes == 0)
    }

    /// Forty that know eighteen each: what is told of must not push out others and be told of for it, for ever.
    @Test func `where nobody knows everybody there is rest, and neighbours miss one that is gone`() throws {
        var mesh = network(40) { setting in
            (setting.paces.limits.fullView, setting.paces.limits.activeView) = (20, 6)
            (setting.paces.limits.passiveView, setting.startTime) = (12, .seconds(2))
        }
        mesh.run(for: .seconds(60))
        mesh.forgetCounts()
        mesh.run(for: .seconds(60))
        #expect(mesh.counts.falseDeaths == 0)
        #expect(mesh.counts.bytes / 60 / 40 < 600, "bytes a second")
        let (lost, watchers) = (17, mesh.watchers(of: 17))
        #expect(watchers.count > 0 && watchers.count < 39 && mesh.holders(of: lost) < 39)
        mesh.kill(lost)
        mesh.run(for: .seconds(40))
        #expect(watchers.allSatisfy { !mesh.holds($0, lost) })
    }
}

@Suite struct QuietMeshTests {
    private func publish(_ change: (inout QuietMesh.Setting) -> Void = { _ in }) -> QuietMesh.Outcome {
        var setting = QuietMesh.Setting(nodes: 24, bitsPerSecond: 100_000_000)
        change(&setting)
        var mesh = QuietMesh(setting)
        return mesh.run(count: 3, parts: 1, partBytes: 256, every: .milliseconds(700))
    }

    @Test func `what is sent again comes later, and comes`() {
        let (plain, lossy) = (publish(), publish { $0.lost = 300 })
        #expect(plain.arrival.count == plain.expected && lossy.arrival.count == lossy.expected)
        #expect((lossy.arrival.last ?? 0) > (plain.arrival.last ?? 0) && plain.hops > 0 && plain.hops < 24)
    }

    @Test func `a small network takes a link less, and fewer copies`() {
        let (six, fit) = (publish { $0.nodes = 50 }, publish { ($0.nodes, $0.shape) = (50, TopicSettings(among: 50)) })
        #expect(fit.copiesRatio < six.copiesRatio && fit.copiesRatio < 6.2 && fit.arrival.count == fit.expected)
        #expect(TopicSettings(among: 200).degree == 5 && TopicSettings(among: 201) == TopicSettings())
    }

    @Test func `the dead are expected to hear nothing`() {
        let outcome = publish { $0.dying = 12 }
        #expect(outcome.expected <= 3 * 11 && outcome.arrival.count <= outcome.expected && outcome.expected > 0)
    }
}

import CairnBase
import CairnRadio
import Testing

@testable import CairnCLI

@Suite struct TownTests {
    private static let place = "[[place]]\nlatitude = 488566000\nlongitude = 23522000\n"

    @Test func everyShippedTownReads() throws {
        let folder = joinPath(parent(of: parent(of: parent(of: #filePath))), "Testnet/places")
        let names = Directory.names(folder).filter { $0.hasSuffix(".toml") }
        #expect(!names.isEmpty)
        for name in names {
            let town = try Town(file: name, text: TextFile.read(joinPath(folder, name)))
            // Neighbours must be far enough apart to count, and near enough to be heard by some.
            let positions = town.places.map { $0.claim ?? $0.position }
            for (index, position) in positions.enumerated() {
                let metres = positions.indices.filter { $0 != index }.map { position.metres(to: positions[$0]) }
                #expect(metres.allSatisfy { $0 >= 300 } && metres.contains { $0 < 3_000 }, "\(name) \(index)")
            }
        }
    }

    @Test func aPlanIsReadAsItWasWritten() throws {
        let position = try #require(Position(latitude: -1, longitude: 1))
        let elsewhere = try #require(Position(latitude: 5, longitude: -7))
        let behaviours: [Station.Behaviour] = [
            .honest, .attenuated(by: 300), .rewriting(to: -900), .late(by: .milliseconds(2_500)), .mute, .replaying,
        ]
        let plan = RadioPlan(
            seed: 7, rules: AirRules(),
            gateways: behaviours.enumerated().map { index, behaviour in
                .init(
                    eui: TestnetTown.eui(index), node: Endpoint(.loopback, port: 1680),
                    place: .init(
                        position: position, gain: -5, behaviour: behaviour, claim: index == 2 ? elsewhere : nil))
            })
        #expect(try RadioPlan(file: "r", text: plan.text) == plan)
    }

    @Test(arguments: [
        "", "not toml", "[[place]]", "[[place]]\nlatitude = 900000001\nlongitude = 0",
        place + "claimed_latitude = 5", place + "claimed_latitude = 900000001\nclaimed_longitude = 0",
        place + "gain_tenths_db = 99999", place + "behaviour = \"kind\"", place + "behaviour = 3",
        "[air]\nexponent_tenths = 0\n" + place, "[air]\nexponent_tenths = \"much\"\n" + place,
    ])
    func whatIsNoTownIsRefused(text: String) {
        let failure = #expect(throws: Failure.self) { try Town(file: "t", text: text) }
        #expect(failure?.code == .townInvalid)
    }

    @Test(arguments: [
        "", "node = \"127.0.0.1:1\"\n", "eui = \"xyz\"\nnode = \"127.0.0.1:1\"\n", "eui = \"1\"\nnode = \"here\"\n",
    ])
    func aGatewayNeedsItsNumberAndItsNode(head: String) {
        let text = "[air]\nseed = 1\n[[gateway]]\n" + head + "latitude = 0\nlongitude = 0\n"
        let failure = #expect(throws: Failure.self) { try RadioPlan(file: "r", text: text) }
        #expect(failure?.code == .townInvalid)
    }
}

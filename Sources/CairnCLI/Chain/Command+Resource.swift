import CairnBase
import CairnLedger
import CairnStore
import CairnWire

extension Noun {
    static let resource = Noun(
        name: "resource", summary: "See what is offered, and offer something",
        commands: [
            .resourceList, .resourceShow, .resourceRegister, .resourceMove, .resourceRetire, .resourceBack,
            .resourceUnback,
        ])
}

extension Command {
    private static let controller = Flag.text("controller", "ACCOUNT", "Only those of that account")
    private static let resource = Argument(
        name: "RESOURCE", summary: "The resource's id, or its start", value: .text("RESOURCE"))

    static let resourceList = Command(
        path: ["resource", "list"],
        summary: "List what is offered on the chain",
        text: [
            "In the order of registration, retired ones too. Standing is the share of passes, the newer the heavier."
        ],
        flags: [controller.declaration, ChainFlags.at.declaration] + ChainFlags.paged,
        examples: [
            Example("cairn resource", "Shows the first hundred."),
            Example("cairn resource list --controller cn1… --json", "Shows those of an account, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            var all = try chain.records(.resource, Resource.self).sorted { $0.value.index < $1.value.index }
            if let wanted = session.invocation[controller] {
                let account = try session.account(wanted)
                all = all.filter { $0.value.controller == account }
            }
            var table = TextTable(
                ["NO", "RESOURCE", "SERVICE", "CONTROLLER", "BOND", "STANDING", ""], right: [0, 4, 5])
            var rows: [JSON] = []
            for (key, resource) in session.page(of: all) {
                guard let id = ResourceID(Array(key.bytes.dropFirst())) else { continue }
                let track = try chain.load(RecordKey<Track>.track(resource.index))
                let score = track?.standing.score ?? 0
                table.add([
                    "\(resource.index)", session.shown(id), resource.offer.profile.name,
                    session.shown(resource.controller), "\(resource.bond)", permille(score, of: .millionPPM),
                    resource.isRetired ? "retired" : track?.isSuspended == true ? "suspended" : "",
                ])
                rows.append([
                    "id": .string(id.description), "number": JSON(resource.index),
                    "service": .string(resource.offer.profile.name), "controller": .string(resource.controller.text),
                    "bond_units": JSON(resource.bond.units), "standing_ppm": JSON(score),
                    "suspended": .bool(track?.isSuspended ?? false), "retired": .bool(resource.isRetired),
                ])
            }
            session.answer(
                [.init("height", JSON(chain.height.number))] + pageMembers("resources", rows, of: all.count),
                all.isEmpty ? "no resources\n" : table.text(session.style))
            return .ok
        })

    static let resourceShow = Command(
        path: ["resource", "show"],
        summary: "Show everything the chain knows of a resource",
        text: [
            "Whose it is, where it stands, its standing and what is held until its bond is full; and how this epoch's "
                + "challenges and pay see it, which was fixed at the end of the epoch before the last."
        ],
        arguments: [resource], flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn resource show b2cffc9b", "Shows the resource whose id begins so."),
            Example("cairn resource show b2cffc9b --at 1000 --json", "Shows it after block 1000, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let (id, resource) = try chain.resource(session.invocation.argument(0) ?? "")
            var facts = Facts()
            facts.add("resource", id.description)
            facts.add("number", resource.index)
            facts.add("service", resource.offer.profile.name)
            facts.add("state", resource.isRetired ? "retired" : "active")
            facts.add("controller", resource.controller.text)
            facts.add("backer", resource.stakeRoot.text)
            facts.add("bond", resource.bond)
            facts.add("device", resource.offer.device.description)
            if let radio = resource.offer.radio { facts.add("radio", hex(radio.eui)) }
            if let capacity = resource.offer.capacity { facts.add("capacity_mib", capacity) }
            let place = resource.site.position
            facts.add("place", "\(degrees(place.latitude)) \(degrees(place.longitude))")
            facts.add("at_this_place_since_epoch", resource.since.number)
            if let track = try chain.load(RecordKey<Track>.track(resource.index)) { facts.add(track) }
            let (parameters, epoch) = try chain.now()
            if let frozen = try chain.frozen(id, in: epoch) {
                facts.add(frozen)
            } else if !resource.isRetired {
                let first = parameters.epoch(of: chain.height.next)
                facts.add(
                    "this_epoch", "not among the resources of epoch \(first); new ones take part two epochs later")
            }
            session.answer(facts.members, facts.text)
            return .ok
        })
}

extension Facts {
    fileprivate mutating func add(_ track: Track) {
        add("standing_ppm", JSON(track.standing.score), permille(track.standing.score, of: .millionPPM))
        add("suspended", .bool(track.isSuspended), track.isSuspended ? "yes, until it passes again" : nil)
        add("suspensions", track.suspensions.count)
        add("verdicts", track.verdicts)
        add("streak_epochs", track.streak)
        add("held_pay", track.held)
        add("trust_ppm", JSON(track.trust), permille(track.trust, of: .millionPPM))
    }

    fileprivate mutating func add(_ frozen: FrozenResource) {
        let flags: [(FrozenResource.Flags, String)] = [
            (.isVetted, "vetted"), (.isClassA, "trusted as witness"), (.isIsland, "paid as island"),
            (.isReciprocal, "takes part on both sides"), (.isSuspended, "suspended"), (.isAnchor, "anchor"),
        ]
        let names = flags.filter { frozen.has($0.0) }.map(\.1)
        add(
            "this_epoch", .array(names.map { .string($0) }),
            names.isEmpty ? "nothing yet" : names.joined(separator: ", "))
        add("density_ppm", JSON(frozen.scale), permille(UInt64(frozen.scale), of: .millionPPM))
        add("multiplier_ppm", JSON(frozen.multiplier), permille(UInt64(frozen.multiplier), of: .millionPPM))
        add("streak_ppm", JSON(frozen.streak), permille(UInt64(frozen.streak), of: .millionPPM))
        add("challenges_per_1000_epochs", frozen.rate)
        add("neighbours", frozen.neighbours.count)
    }
}

extension ChainView {
    /// A resource as the challenges of an epoch see it; nil where it takes no part in it.
    fileprivate func frozen(_ id: ResourceID, in epoch: Epoch) throws(Failure) -> FrozenResource? {
        var range = 0..<(try load(RecordKey<Census>.census(epoch))?.count ?? 0)
        while !range.isEmpty {
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            let resource = try require(RecordKey<FrozenResource>.frozen(epoch, middle))
            if resource.id == id { return resource }
            range = resource.id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}

/// `48.8566000` from ten-millionths.
private func degrees(_ value: Int32) -> String {
    let (whole, part) = value.magnitude.quotientAndRemainder(dividingBy: 10_000_000)
    let digits = String(part)
    return "\(value < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: 7 - digits.count))\(digits)"
}

private func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

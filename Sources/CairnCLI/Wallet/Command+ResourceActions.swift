import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

private enum ResourceFlags {
    static let place = Flag.text("place", "LAT,LON", "Where it stands, in degrees: 48.8566,2.3522")
    static let height = Flag.integer("height", "METRES", in: 0...20_000, "How high above the ground; 0 unless told")
    static let address = Flag.text("address", "IP", "An address of the network it is reached in")
    static let device = Flag.label(
        "device", "The device key, by the name keys list shows; device unless told. Storage answers with the node key")
    static let backer = Flag.text(
        "backer", "ACCOUNT", "Who alone may put a bond behind it; the own account unless told")
    static let capacity = Flag.integer("capacity", "MIB", in: 1...UInt64(UInt32.max), "For storage: how much of it")
    static let eui = Flag.text("eui", "HEX", "For a radio: the gateway's 16 digits")
    static let region = Flag.choice("region", ["EU868", "US915"], "For a radio: its channels; EU868 unless told")
    static let power = Flag.integer("power", "CB", in: 0...400, "For a radio: EIRP in tenths of dBm; 161 unless told")
    static let gain = Flag.integer(
        "gain", "CB", in: 0...200, "For a radio: antenna gain in tenths of dB; 0 unless told")

    static let site = [place.declaration, height.declaration, address.declaration]
}

extension Command {
    private static let resource = Argument(
        name: "RESOURCE", summary: "The resource's id, or its start", value: .text("RESOURCE"))
    private static let tokens = Argument(name: "TOKENS", summary: "How many, such as 12.5", value: .text("TOKENS"))
    private static let signing =
        "It is signed here by the home's account and handed to a running node; --wait says what came of it."

    static let resourceRegister = Command(
        path: ["resource", "register"],
        summary: "Offer something to the network",
        text: [
            "placeFee is burned. The device key signs the resource's receipts and answers and belongs to it for ever; cairn keys "
                + "new device makes one. Challenges begin two epochs later. \(signing)"
        ],
        arguments: [
            Argument(name: "SERVICE", summary: "What is offered", value: .choice(Profile.allCases.map(\.name)))
        ],
        flags: ResourceFlags.site + [
            ResourceFlags.device.declaration, ResourceFlags.backer.declaration, ResourceFlags.capacity.declaration,
            ResourceFlags.eui.declaration, ResourceFlags.region.declaration, ResourceFlags.power.declaration,
            ResourceFlags.gain.declaration,
        ] + ActionFlags.all,
        examples: [
            Example(
                "cairn resource register storage.hot --capacity 64 --place 48.8566,2.3522 --address 192.0.2.7 --wait",
                "Offers 64 MiB."),
            Example(
                "cairn resource register coverage.radio --eui aa555a0000000101 --place 48.8566,2.3522 --address 192.0.2.7",
                "Offers a gateway."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            guard let profile = Profile(name: session.invocation.argument(0) ?? "") else {
                throw Failure(.badValue, "that is no service")
            }
            let site = try session.site()
            let radio = try profile == .coverageRadio ? session.radio() : nil
            let capacity = session.invocation[ResourceFlags.capacity].map { UInt32(clamping: $0) }
            guard (capacity != nil) == profile.hasCapacity else {
                throw Failure(
                    .conflictingFlags,
                    profile.hasCapacity ? "storage has a --capacity" : "\(profile.name) has no --capacity")
            }
            return try session.carryOut { account, chain throws(Failure) in
                let storage = try KeyStorage(session)
                // Holders of storage are reached by their key, so it is that of the node.
                let kind = profile.hasCapacity ? KeyKind.node : .device
                let name = session.invocation[ResourceFlags.device] ?? kind.rawValue
                let keystore = try storage.load(name)
                guard keystore.role == kind.role else {
                    throw Failure(
                        .wrongKind, "the key \(quoted(name)) is a \(keystore.role) key, not a \(kind.rawValue)'s",
                        do: Hint("cairn keys new \(kind.rawValue)", "makes one"))
                }
                let seed = try storage.seed(of: keystore, name, session)
                let device =
                    profile == .storageSealed
                    ? DeviceIdentity(ofSealedPartitionsBeside: seed) : DeviceIdentity(seed: seed)
                let offer = Offer(
                    profile: profile, device: device.key.publicKey, randomness: device.vrf.publicKey, radio: radio,
                    capacity: capacity)
                guard let offer else { throw Failure(.badValue, "a \(profile.name) is not described so") }
                let backer = try session.invocation[ResourceFlags.backer].map { text throws(Failure) in
                    try session.account(text)
                }
                return .register(
                    Registration(
                        offer: offer, site: site, backer: backer ?? account,
                        deviceProof: device.key.sign(
                            Registration.body(offer, of: account), tag: Registration.domain, chain: chain)))
            }
        })

    static let resourceMove = Command(
        path: ["resource", "move"],
        summary: "Say that a resource stands elsewhere now",
        text: ["placeFee is burned, and what is bound to the place counts anew. \(signing)"],
        arguments: [resource], flags: ResourceFlags.site + ActionFlags.all,
        examples: [
            Example("cairn resource move b2cffc9b --place 51.5074,-0.1278 --address 192.0.2.7 --wait", "Moves it."),
            Example("cairn resource move b2cffc9b --place 51.5,-0.1 --address 192.0.2.7 --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let (id, site) = (try session.chain().resource(session.invocation.argument(0) ?? "").id, try session.site())
            return try session.carryOut { _, _ throws(Failure) in .move(id, to: site) }
        })

    static let resourceRetire = Command(
        path: ["resource", "retire"],
        summary: "Take a resource out of the network, for ever",
        text: ["What is held of its pay comes back, unless it is suspended; the bond comes back by unback. \(signing)"],
        arguments: [resource], flags: ActionFlags.all,
        examples: [
            Example("cairn resource retire b2cffc9b --wait", "Retires it."),
            Example("cairn resource retire b2cffc9b --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let id = try session.chain().resource(session.invocation.argument(0) ?? "").id
            return try session.carryOut { _, _ throws(Failure) in .retire(id) }
        })

    static let resourceBack = Command(
        path: ["resource", "back"],
        summary: "Put a bond behind a resource",
        text: ["Only the backer named at registration can. With a full bond no more pay is held. \(signing)"],
        arguments: [resource, tokens], flags: ActionFlags.all,
        examples: [
            Example("cairn resource back b2cffc9b 5 --wait", "Adds five tokens."),
            Example("cairn resource back b2cffc9b 0.5 --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let id = try session.chain().resource(session.invocation.argument(0) ?? "").id
            let amount = try session.amountArgument(1)
            return try session.carryOut { _, _ throws(Failure) in .back(id, with: amount) }
        })

    static let resourceUnback = Command(
        path: ["resource", "unback"],
        summary: "Begin to take a bond back from behind a resource",
        text: ["It is free after unbondingPeriods; validator withdraw collects it. \(signing)"],
        arguments: [resource, tokens], flags: ActionFlags.all,
        examples: [
            Example("cairn resource unback b2cffc9b 5 --wait", "Begins with five tokens."),
            Example("cairn resource unback b2cffc9b 0.5 --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let id = try session.chain().resource(session.invocation.argument(0) ?? "").id
            let amount = try session.amountArgument(1)
            return try session.carryOut { _, _ throws(Failure) in .unback(id, by: amount) }
        })
}

extension Session {
    /// Where a resource stands and is reached.
    fileprivate func site() throws(Failure) -> Site {
        guard let place = invocation[ResourceFlags.place], let address = invocation[ResourceFlags.address] else {
            throw Failure(.missingArgument, "where does it stand? --place and --address say it")
        }
        let parts = place.split(separator: ",").map(tenMillionths)
        guard parts.count == 2, let latitude = parts[0], let longitude = parts[1],
            let position = Position(latitude: latitude, longitude: longitude)
        else { throw Failure(.badValue, "\(quoted(place)) is no place: LAT,LON in degrees, such as 48.8566,2.3522") }
        guard let network = IPAddress(address).flatMap(Network.init(of:)) else {
            throw Failure(.badValue, "\(quoted(address)) is no IP address")
        }
        let metres = Int32(invocation[ResourceFlags.height] ?? 0)
        return Site(position: position, height: metres * 100, network: network)
    }

    fileprivate func radio() throws(Failure) -> Radio {
        guard let text = invocation[ResourceFlags.eui], text.utf8.count == 16, let eui = UInt64(text, radix: 16) else {
            throw Failure(.badValue, "a gateway has an --eui of 16 hexadecimal digits")
        }
        return Radio(
            eui: eui, region: invocation[ResourceFlags.region] == "US915" ? 2 : 1,
            power: Int16(invocation[ResourceFlags.power] ?? 161), gain: Int16(invocation[ResourceFlags.gain] ?? 0))
    }
}

/// `48.8566` in ten-millionths, without floating point; nil for what is no such number.
private func tenMillionths(_ text: Substring) -> Int32? {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2, !first.isEmpty, first.utf8.count <= 3 else { return nil }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard !fraction.isEmpty, fraction.utf8.count <= 7, (first + fraction).allSatisfy({ $0.isASCII && $0.isNumber }),
        let whole = Int64(first), let part = Int64(fraction + String(repeating: "0", count: 7 - fraction.utf8.count))
    else { return nil }
    return Int32(exactly: (isNegative ? -1 : 1) * (whole * 10_000_000 + part))
}

extension Network {
    /// The part of the internet that an address lies in.
    init?(of address: IPAddress) {
        if let v4 = address.v4 {
            self.init(.v4, prefix: UInt64(v4 >> 8))
        } else {
            self.init(.v6, prefix: address.high >> 16)
        }
    }
}

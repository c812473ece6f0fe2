public import CairnBase

/// Where this node is seen from outside.
extension Reachability {
    /// The address that enough outbound peers name: who comes to us may have been sent, whom we dial was chosen by us.
    public var believed: IPAddress? {
        var observers = OrderedMap<IPAddress, [UInt64]>()
        for (_, peer) in peers where peer.isOutbound {
            if let address = peer.observed { observers[address, default: []].append(peer.address.district) }
        }
        let agreed = observers.filter { address, districts in
            address.isPrivate
                ? districts.count >= settings.privateObservers
                    // ORDER: only counted.
                : districts.count >= settings.observers && Set(districts).count >= settings.districts
        }
        // What is public counts for more than what is private; then the greater number.
        return agreed.max {
            ($1.key.isPrivate ? 1 : 0, $0.value.count, $1.key) < ($0.key.isPrivate ? 1 : 0, $1.value.count, $0.key)
        }?.key
    }

    /// Where others would dial: the address listened at where it is public, else where this node is seen, else where a router says
    /// that it passes on, else what there is. The port is the router's where it gave one.
    public var dialled: Endpoint? {
        let own = listening.address
        if !own.isUnspecified, !own.isPrivate { return listening }
        if let believed, !believed.isPrivate { return Endpoint(believed, port: mapped?.port ?? listening.port) }
        if let mapped { return mapped }
        if let believed, own.isUnspecified { return Endpoint(believed, port: listening.port) }
        return own.isUnspecified ? nil : listening
    }
}

import CairnBase

/// The providers an order may be given to, in a row, each as long as the space it has free.
struct ProviderSpace {
    struct Provider {
        let resource: FrozenResource
        let fate: Fate
    }

    let cellLevel: Int
    private var providers: [Provider] = []
    /// Where each one's space ends; ascending, each further than the last.
    private var ends: [UInt64] = []

    init(cellLevel: Int) { self.cellLevel = cellLevel }

    var total: UInt64 { ends.last ?? 0 }

    mutating func append(_ resource: FrozenResource, free: UInt32) {
        guard free > 0 else { return }
        let fate = Fate(resource.stakeRoot, resource.site, level: cellLevel)
        providers.append(Provider(resource: resource, fate: fate))
        ends.append(total + UInt64(free))
    }

    /// Who has the point; it lies below the total.
    func holding(_ point: UInt64) -> Provider {
        var (first, last) = (0, ends.count - 1)
        while first < last {
            let middle = (first + last) / 2
            if ends[middle] > point { last = middle } else { first = middle + 1 }
        }
        return providers[first]
    }
}

/// What one misfortune, or one owner, could take at once.
struct Fate {
    let stakeRoot: AccountID
    let network: Network
    /// Nil for a place that has none at that level.
    let cell: Cell?

    init(_ stakeRoot: AccountID, _ site: Site, level: Int) {
        self.stakeRoot = stakeRoot
        network = site.network
        cell = Cell(site.position, level: level)
    }
}

/// Owners, networks and cells that hold a shard already. Only asked, never gone through.
struct FatesTaken {
    // ORDER: only asked for membership, all three.
    private var roots: Set<AccountID> = []
    private var networks: Set<Network> = []
    private var cells: Set<Cell?> = []

    mutating func insert(_ fate: Fate) {
        roots.insert(fate.stakeRoot)
        networks.insert(fate.network)
        cells.insert(fate.cell)
    }

    func contains(_ fate: Fate) -> Bool {
        roots.contains(fate.stakeRoot) || networks.contains(fate.network) || cells.contains(fate.cell)
    }
}

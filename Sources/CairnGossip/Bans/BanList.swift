public import CairnBase

/// Whom this node has nothing to do with, why, and until when.
///
/// Bans are the operator's, or follow from an offence that only its author can have committed: no score leads to one by
/// itself, for an honest peer can be slow, far away or crowded. The first lasts an hour, the second a day, every further one a week. An
/// address is banned by itself only when several names at it were, never a private one, and never for more than an hour; of
/// IPv6 that is the /64, for who has one has all its addresses.
/// Time goes by the calendar, so that a restart shortens nothing.
public struct BanList: ProtocolCore {
    public typealias Input = BanListInput
    public typealias Effect = BanListEffect

    /// In force or remembered, by whom they are about.
    public private(set) var bans = OrderedMap<BanSubject, Ban>()
    public private(set) var counters = BanCounters()
    public private(set) var banned = Banned()

    private let settings: BanSettings
    private let calendar: CalendarClock
    private var timerAt = Instant.distantFuture

    public init(
        _ kept: [Ban] = [], unixMilliseconds: UInt64, settings: BanSettings = BanSettings(), at now: Instant
    ) {
        self.settings = settings
        calendar = CalendarClock(unixMilliseconds: unixMilliseconds, at: now)
        let time = calendar.seconds(at: now)
        for ban in kept.prefix(settings.capacity) where !ban.isForgotten(at: time, memory: settings.memory) {
            // A clock that was ahead when it was made keeps nobody out for longer.
            bans[ban.subject] = ban.ending(notAfter: time &+ settings.longest(of: ban).seconds)
        }
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        let time = unix(now)
        var isChanged = false
        switch input {
        case .start: break
        case .ban(let subject, let span, let note): isChanged = ban(subject, for: span, note, time)
        case .lift(let subject): isChanged = lift(subject)
        case .offended(let node, let offence, let place): isChanged = offended(node, offence, at: place, time)
        case .timer: if now >= timerAt { timerAt = .distantFuture }
        }
        let (kept, memory) = (bans.count, settings.memory)
        bans.removeAll { $1.isForgotten(at: time, memory: memory) }
        if isChanged || bans.count < kept { effects.append(.save) }
        tell(at: now, time, into: &effects)
    }

    /// The bans that are in force, those that end last first.
    public func inForce(at now: Instant) -> [Ban] {
        let time = unix(now)
        return bans.map(\.value).filter { $0.until > time }.sorted {
            ($1.until, $0.subject) < ($0.until, $1.subject)
        }
    }

    public func isInForce(_ subject: BanSubject, at now: Instant) -> Bool {
        bans[subject].map { $0.until > unix(now) } ?? false
    }

    public func unix(_ now: Instant) -> UInt64 { calendar.seconds(at: now) }

    // MARK: - Making them

    private mutating func ban(_ subject: BanSubject, for span: TimeSpan, _ note: String, _ time: UInt64) -> Bool {
        let span = min(span, BanSettings.ownerLongest).seconds
        let isMade = insert(
            Ban(
                subject: subject, cause: .owner, note: note.cut(toBytes: Ban.noteLimit), since: time,
                until: time &+ span, times: bans[subject]?.times ?? 0, place: nil), at: time)
        if isMade { counters.owner += 1 }
        return isMade
    }

    private mutating func lift(_ subject: BanSubject) -> Bool {
        guard bans.removeValue(forKey: subject) != nil else { return false }
        counters.lifted += 1
        return true
    }

    private mutating func offended(_ node: NodeID, _ offence: Offence, at place: IPAddress?, _ time: UInt64) -> Bool {
        guard bans[.node(node)].map({ $0.until <= time }) ?? true else { return false }
        let times = min(bans[.node(node)]?.times ?? 0, .max - 1) + 1
        let span = settings.span(ofTime: times).seconds
        let place = place.flatMap { $0.isPrivate ? nil : $0.site }
        let isMade = insert(
            Ban(
                subject: .node(node), cause: .offence(offence), note: "", since: time, until: time &+ span,
                times: times, place: place), at: time)
        guard isMade else { return false }
        counters.offences[Int(offence.rawValue)] += 1
        if let place { banIfCrowded(place, time) }
        return true
    }

    private mutating func banIfCrowded(_ place: IPAddress, _ time: UInt64) {
        let names = bans.count {
            $0.value.place?.site == place && $0.value.since &+ settings.crowdTime.seconds > time
        }
        guard names >= settings.crowd, bans[.address(place)].map({ $0.until <= time }) ?? true else { return }
        let isMade = insert(
            Ban(
                subject: .address(place), cause: .crowd, note: "", since: time,
                until: time &+ settings.crowdBan.seconds, times: 0, place: nil), at: time)
        if isMade { counters.crowd += 1 }
    }

    /// Room is made by what is over, then by what would be over first; never by the operator's.
    private mutating func insert(_ ban: Ban, at time: UInt64) -> Bool {
        if bans[ban.subject] == nil, bans.count >= settings.capacity {
            let spare = bans.filter { $0.value.until <= time || $0.value.cause != .owner }
            guard let gone = spare.min(by: { ($0.value.until, $0.key) < ($1.value.until, $1.key) }) else {
                counters.refused += 1
                return false
            }
            bans[gone.key] = nil
        }
        bans[ban.subject] = ban
        return true
    }

    // MARK: - Telling

    private mutating func tell(at now: Instant, _ time: UInt64, into effects: inout [Effect]) {
        var current = Banned()
        var next = UInt64.max
        for (subject, ban) in bans {
            if ban.until > time {
                next = min(next, ban.until)
                switch subject {
                case .node(let node): current.nodes.insert(node)
                case .address(let address): current.addresses.insert(address)
                }
            }
        }
        if current != banned {
            banned = current
            effects.append(.changed(current))
        }
        guard next < .max else { return }
        let due = now + .seconds(min(next - time, BanSettings.ownerLongest.seconds))
        guard due < timerAt else { return }
        timerAt = due
        effects.append(.setTimer(at: due))
    }
}

extension Ban {
    fileprivate func ending(notAfter time: UInt64) -> Ban {
        Ban(
            subject: subject, cause: cause, note: note, since: min(since, time), until: min(until, time), times: times,
            place: place)
    }

    fileprivate func isForgotten(at time: UInt64, memory: TimeSpan) -> Bool {
        until &+ (times > 0 ? memory.seconds : 0) <= time
    }
}

extension BanSettings {
    fileprivate func span(ofTime times: UInt32) -> TimeSpan {
        spans.isEmpty ? .zero : spans[min(max(Int(times), 1), spans.count) - 1]
    }

    /// How long a ban like this one lasts when it is made.
    fileprivate func longest(of ban: Ban) -> TimeSpan {
        switch ban.cause {
        case .owner: Self.ownerLongest
        case .offence: span(ofTime: ban.times)
        case .crowd: crowdBan
        }
    }
}

extension TimeSpan {
    fileprivate var seconds: UInt64 { milliseconds / 1_000 }
}

extension String {
    /// The longest beginning of whole characters that is no longer.
    fileprivate func cut(toBytes limit: Int) -> String {
        var text = self
        while text.utf8.count > limit { text.removeLast() }
        return text
    }
}

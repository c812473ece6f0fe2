import CairnBase
import CairnLedger

/// What must be seen of a testnet, as a step of a scenario says it; judged from what the nodes say of themselves.
enum ScenarioExpectation: Sendable, Equatable {
    /// `height >= 20 on all`
    case height(atLeast: UInt64, nodes: [String])
    /// `height + 5 on n0,n1`: so much above the furthest node at the beginning of the step.
    case gain(UInt64, nodes: [String])
    /// `height still for 6s on all`: nobody gains a block.
    case still(TimeSpan, nodes: [String])
    /// `agree on all`: one block at the highest height that all remember.
    case agree(nodes: [String])
    /// `peers >= 3 on all`: so many other nodes are alive, to each.
    case peers(atLeast: Int, nodes: [String])
    /// `committee = 5 on all`: so many validators order the blocks of this epoch.
    case committee(Int, nodes: [String])
    /// `state down on n1`
    case state(String, nodes: [String])
    /// `log n2 says wrong genesis`; `any` for any of the nodes.
    case log(node: String, text: String)
    /// `shards >= 8 of film on n0`, or `<=`: so many are held where fewest are, as the chain says to a client.
    case shards(atLeast: Bool, Int, of: String, node: String)
    /// `verdicts noQuorum >= 1 on n0`: so often was this reason given, for a resource or a witness; or `paying`.
    case verdicts(String, atLeast: UInt64, nodes: [String])
    /// `paid on n1,n2`: each gateway was paid something.
    case paid(nodes: [String])
    /// `paid storage.sealed on n8`: what each offers under that profile was proven and paid.
    case paidFor(Profile, nodes: [String])
    /// `unpaid on n10`: each gateway was challenged, and never earned anything.
    case unpaid(nodes: [String])
    /// `unproven on n7`: each gateway was challenged, and never proved anything; what it hears of others may be paid.
    case unproven(nodes: [String])
    /// `earned on n1,n2`: each was paid by the owner of an object for what it proved to hold.
    case earned(nodes: [String])
    /// `unearned on n8`: for some epoch each was judged not to have shown what it holds, and no owner paid it.
    case unearned(nodes: [String])
    /// `believed on n3`: the newest verdict on each gateway, of a challenge since the step began, pays.
    case believed(nodes: [String])
    /// `disbelieved on n3`: it does not.
    case disbelieved(nodes: [String])
    /// `slashed on n3`: the chain took some of each validator's bond for voting twice.
    case slashed(nodes: [String])
    /// `same ./letter ./back`: both files are there and hold the same bytes.
    case same(String, String)

    static let any = "any"
    static let states = ["up", "down", "paused", "silent"]

    init(_ text: String, _ names: [String], _ place: String) throws(Failure) {
        let words = text.split(separator: " ").map(String.init)
        guard let expectation = try Self.read(words, names, place) else {
            throw Failure(
                .scenarioInvalid, "\(place): \(quoted(text)) is nothing that can be expected",
                hints: [
                    Hint("height >= N on NODES"), Hint("height + N on NODES"), Hint("height still for SPAN on NODES"),
                    Hint("agree on NODES"), Hint("peers >= N on NODES"), Hint("committee = N on NODES"),
                    Hint("state \(Self.states.joined(separator: "|")) on NODES"), Hint("log NODE says TEXT"),
                    Hint("verdicts REASON >= N on NODES"), Hint("paid [PROFILE] on NODES"),
                    Hint("unpaid on NODES"),
                    Hint("unproven on NODES"), Hint("earned on NODES"), Hint("unearned on NODES"),
                    Hint("believed on NODES"), Hint("disbelieved on NODES"), Hint("slashed on NODES"),
                    Hint("shards >= N of FILE on NODE"),
                    Hint("same ./FILE ./FILE"),
                ])
        }
        self = expectation
    }

    private static func read(_ words: [String], _ names: [String], _ place: String) throws(Failure)
        -> ScenarioExpectation?
    {
        if words.count >= 4, words[0] == "log", words[2] == "says" {
            if words[1] == any { return .log(node: any, text: words[3...].joined(separator: " ")) }
            guard let node = try nodes(words[1], names, place).first else { return nil }
            return .log(node: node, text: words[3...].joined(separator: " "))
        }
        if words.count == 3, words[0] == "same", TestFiles.isName(words[1]), TestFiles.isName(words[2]) {
            return .same(words[1], words[2])
        }
        guard words.count >= 3, words[words.count - 2] == "on" else { return nil }
        let nodes = try nodes(words[words.count - 1], names, place)
        let body = Array(words.dropLast(2))
        switch (body.first, body.count) {
        case ("agree", 1): return .agree(nodes: nodes)
        case ("paid", 1): return .paid(nodes: nodes)
        case ("paid", 2): return Profile(name: body[1]).map { .paidFor($0, nodes: nodes) }
        case ("unpaid", 1): return .unpaid(nodes: nodes)
        case ("unproven", 1): return .unproven(nodes: nodes)
        case ("earned", 1): return .earned(nodes: nodes)
        case ("unearned", 1): return .unearned(nodes: nodes)
        case ("believed", 1): return .believed(nodes: nodes)
        case ("disbelieved", 1): return .disbelieved(nodes: nodes)
        case ("slashed", 1): return .slashed(nodes: nodes)
        case ("state", 2): return states.contains(body[1]) ? .state(body[1], nodes: nodes) : nil
        case ("height", 3) where body[1] == ">=": return UInt64(body[2]).map { .height(atLeast: $0, nodes: nodes) }
        case ("height", 3) where body[1] == "+": return UInt64(body[2]).map { .gain($0, nodes: nodes) }
        case ("height", 4) where body[1] == "still" && body[2] == "for":
            return TimeSpan(text: body[3]).map { .still($0, nodes: nodes) }
        case ("peers", 3) where body[1] == ">=": return Int(body[2]).map { .peers(atLeast: $0, nodes: nodes) }
        case ("committee", 3) where body[1] == "=": return Int(body[2]).map { .committee($0, nodes: nodes) }
        case ("shards", 5) where [">=", "<="].contains(body[1]) && body[3] == "of":
            guard let count = Int(body[2]), let node = nodes.first, nodes.count == 1 else { return nil }
            return .shards(atLeast: body[1] == ">=", count, of: body[4], node: node)
        case ("verdicts", 4) where body[2] == ">=":
            return UInt64(body[3]).map { .verdicts(body[1], atLeast: $0, nodes: nodes) }
        default: return nil
        }
    }

    /// `all`, or names parted by commas.
    static func nodes(_ text: String, _ names: [String], _ place: String) throws(Failure) -> [String] {
        guard text != "all" else { return names }
        let wanted = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for name in wanted where !names.contains(name) {
            throw Failure(
                .scenarioInvalid, "\(place): there is no node \(quoted(name))",
                do: Hint(
                    "\(names.first ?? "n0") to \(names.last ?? "n0")", "are those that nodes = \(names.count) makes"))
        }
        return wanted
    }

    /// Those it is about.
    var nodes: [String] {
        switch self {
        case .height(_, let nodes), .gain(_, let nodes), .still(_, let nodes), .agree(let nodes), .peers(_, let nodes),
            .committee(_, let nodes), .state(_, let nodes), .verdicts(_, _, let nodes), .paid(let nodes),
            .paidFor(_, let nodes), .unpaid(let nodes), .unproven(let nodes), .earned(let nodes), .unearned(let nodes),
            .believed(let nodes),
            .disbelieved(let nodes), .slashed(let nodes):
            nodes
        case .log(let node, _): node == Self.any ? [] : [node]
        case .shards(_, _, _, let node): [node]
        case .same: []
        }
    }
}

import CairnBase

/// What a step of a scenario does.
enum ScenarioAction: Sendable, Equatable {
    /// As `cairn testnet fault` takes it; what the words mean is looked at when the testnet is there.
    case fault(kind: String, words: [String])
    case heal
    /// Saves the testnet under a name.
    case snapshot(String)
    /// Puts it back to that; its nodes are down then.
    case restore(String)
    /// Puts another copy of the program in place of a node's own, and starts it from there.
    case upgrade(nodes: [String])
    /// A newcomer, who is the next node by number, joins by a code that a node makes for it.
    case join(node: String, invitedBy: String)
    /// Runs a command of this program in the home of a node, whose exit code must be this one; `@n1` among its words is
    /// the account of n1, `%n1` its first resource.
    /// `./letter` is a file that the testnet keeps for the scenario.
    case run(node: String, words: [String], exit: Int32)
    /// Makes such a file, of bytes that follow from the seed.
    case make(file: String, bytes: UInt64)

    init(_ text: String, _ names: [String], _ place: String) throws(Failure) {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "fault" where words.count >= 3 && TestnetFault.kinds.contains(words[1]):
            self = .fault(kind: words[1], words: Array(words.dropFirst(2)))
        case "heal" where words.count == 1: self = .heal
        case "snapshot" where words.count == 2 && isLabel(words[1]): self = .snapshot(words[1])
        case "restore" where words.count == 2 && isLabel(words[1]): self = .restore(words[1])
        case "upgrade" where words.count == 2:
            self = .upgrade(nodes: try ScenarioExpectation.nodes(words[1], names, place))
        case "join" where words.count == 4 && words[2] == "from" && names.contains(words[3]):
            guard words[1] == "n\(names.count)" else {
                throw Failure(.scenarioInvalid, "\(place): the next newcomer is n\(names.count)")
            }
            self = .join(node: words[1], invitedBy: words[3])
        case "run" where words.count >= 3 && names.contains(words[1]):
            var rest = Array(words.dropFirst(2))
            var exit: Int32 = 0
            if rest.count >= 3, rest[rest.count - 2] == "=>", let code = Int32(rest[rest.count - 1]) {
                exit = code
                rest.removeLast(2)
            }
            self = .run(node: words[1], words: rest, exit: exit)
        case "make" where words.count == 3 && TestFiles.isName(words[1]):
            guard let count = byteCount(words[2]), count <= TestFiles.sizeMax else {
                throw Failure(.scenarioInvalid, "\(place): \(quoted(words[2])) is not a size from 1MiB to 256MiB")
            }
            self = .make(file: words[1], bytes: count)
        default:
            throw Failure(
                .scenarioInvalid, "\(place): \(quoted(text)) is nothing that can be done",
                hints: [
                    Hint("fault KIND …", "as cairn testnet fault"), Hint("heal"), Hint("snapshot NAME"),
                    Hint("restore NAME"),
                    Hint("upgrade NODES"),
                    Hint("join n4 from n0"),
                    Hint("run NODE COMMAND [=> EXIT]", "a command in the home of a node"),
                    Hint("make ./NAME 3MiB", "a file for such commands"),
                ])
        }
    }
}

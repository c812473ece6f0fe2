import CairnBase
import CairnSimulator
@preconcurrency import Glibc

/// `cairn-sim`: runs seeds of a protocol and explains the first one that fails, or runs one of the studies by name.
///
/// Exit code 0 when everything held, 1 when something did not, 2 for a command line that makes no sense.
@main
struct CairnSim {
    static func main() {
        // Long studies are watched through pipes and files.
        setvbuf(stdout, nil, _IOLBF, 0)
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            exitProcess(try run(words))
        } catch {
            print("simulate: \(error.message)")
            exitProcess(2)
        }
    }

    private static func run(_ words: [String]) throws(SimulateArguments.Refusal) -> Int32 {
        let wantsHelp = words.contains { ["--help", "-h"].contains($0) }
        switch words.first {
        case "explore":
            if wantsHelp { return show(Explore.usage) }
            return try Explore(Array(words.dropFirst())).run()
        case "twins":
            if wantsHelp { return show(Twins.usage) }
            return try Twins(Array(words.dropFirst())).run()
        case "mutations":
            if wantsHelp { return show(Mutations.usage) }
            return try Mutations(Array(words.dropFirst())).run()
        case "forks":
            if wantsHelp { return show(Forks.usage) }
            return try Forks(Array(words.dropFirst())).run()
        case "crashes":
            if wantsHelp { return show(Crashes.usage) }
            return try Crashes(Array(words.dropFirst())).run()
        case "spam":
            if wantsHelp { return show(Spam.usage) }
            return try Spam(Array(words.dropFirst())).run()
        default:
            let arguments = try SimulateArguments(words)
            guard !arguments.wantsHelp, let entry = Catalogue.entry(named: arguments.protocolName) else {
                return show(SimulateArguments.usage)
            }
            var session = Session(arguments: arguments, entry: entry)
            session.run()
            return session.violations == 0 ? 0 : 1
        }
    }

    private static func show(_ usage: String) -> Int32 {
        print(usage)
        return 0
    }
}

import CairnBase
import CairnSimulator

/// `cairn-sim`: runs seeds of a protocol, and explains the first one that fails.
///
/// Exit code 0 when every seed held, 1 when one did not, 2 for a command line that makes no sense.
@main
struct CairnSim {
    static func main() {
        let arguments: SimulateArguments
        do {
            arguments = try SimulateArguments(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print("simulate: \(error.message)")
            exitProcess(2)
        }
        if arguments.wantsHelp {
            print(SimulateArguments.usage)
            return
        }
        guard let entry = Catalogue.entry(named: arguments.protocolName) else { return }
        var session = Session(arguments: arguments, entry: entry)
        session.run()
        exitProcess(session.violations == 0 ? 0 : 1)
    }
}

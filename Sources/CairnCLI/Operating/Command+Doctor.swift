import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    static let doctor = Command(
        path: ["doctor"],
        summary: "Look for what keeps a node from working, and say what to do",
        text: [
            "Looks at the home, its keys and files, the disk, the clock, limits and addresses, and asks the node if one runs. "
                + "It changes nothing but a small file that it writes and removes to see how fast the disk is. Every line is OK, "
                + "WARN or FAIL; with a FAIL the exit code is 4."
        ],
        examples: [
            Example("cairn doctor", "Examines the node of this user."),
            Example("cairn doctor --home ./n1 --json", "Examines that home, for a script."),
        ],
        exits: [.unhealthy],
        run: { session throws(Failure) in
            let examination = try Examination(of: NodeFinder(session).home(), session)
            session.answer(
                [.init("sound", .bool(examination.isSound)), .init("findings", examination.json)],
                examination.text(session.style))
            return examination.isSound ? .ok : .unhealthy
        })
}

extension Examination {
    /// Looks at everything.
    init(of home: Home, _ session: Session) {
        self.init()
        let config = examineHome(home, session)
        if Directory.exists(home.path) { examineDisk(home) }
        examineClock()
        examineLimits()
        let client = NodeClient(socket: home.controlSocket, timeout: .seconds(2))
        if !examineNode(client) {
            doubt("node", "none runs in this home", do: "cairn run --home \(shellWord(home.path))")
            if let config { examineAddresses(config) }
        }
    }
}

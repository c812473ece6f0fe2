import Testing

/// One rule of the repository, with planted samples that show that it fires and that it lets good text pass.
struct Rule: Sendable, CustomTestStringConvertible {
    /// A file that is not there.
    struct Sample: Sendable {
        let path: String
        let text: String

        init(_ path: String, _ text: String) {
            self.path = path
            self.text = text
        }
    }

    let name: String
    let check: @Sendable (SourceFile, SourceTree) -> [Finding]
    /// Each must give exactly one finding.
    let fires: [Sample]
    let passes: [Sample]

    var testDescription: String { name }

    static let all: [Rule] = [
        .layers, .purity, .order, .sizes, .functions, .safety, .traps, .vouching, .leftovers, .scripts, .links,
    ]
}

struct Finding: Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    init(_ file: SourceFile, _ line: Int, _ message: String) {
        path = file.path
        self.line = line
        self.message = message
    }

    var description: String { "\(path):\(line): \(message)" }
}

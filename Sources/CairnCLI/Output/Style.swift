/// Whether and how output is coloured. Colour repeats what words already say, never more.
struct Style: Sendable, Equatable {
    enum Colour: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
        case bold = "1"
        case dim = "2"
    }

    var isColoured = false

    func paint(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Follows `--color`, then the customs of the environment, then what the stream is.
    static func chosen(flag: String?, environment: [String: String], isTerminal: Bool) -> Style {
        switch flag {
        case "always": return Style(isColoured: true)
        case "never": return Style(isColoured: false)
        default: break
        }
        if !(environment["NO_COLOR"] ?? "").isEmpty { return Style(isColoured: false) }
        if let force = environment["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return Style(isColoured: true) }
        let isDumb = (environment["TERM"] ?? "dumb") == "dumb"
        return Style(isColoured: isTerminal && !isDumb)
    }
}

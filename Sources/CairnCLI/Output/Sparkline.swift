/// Numbers as a row of small bars, the newest at the right.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")
    private static let plainBars = Array("_.-:=+*#")

    /// The largest number is a full bar, unless told what is.
    static func text(_ values: [UInt64], full: UInt64? = nil, plain: Bool = false) -> String {
        let bars = plain ? plainBars : bars
        let top = max(1, full ?? values.max() ?? 1)
        return String(
            values.map { value in
                let (product, overflow) = min(value, top).multipliedReportingOverflow(by: UInt64(bars.count - 1))
                return bars[overflow ? bars.count - 1 : Int(product / top)]
            })
    }
}

extension Session {
    /// Whether the terminal's encoding has the bars.
    var showsBlocks: Bool {
        let environment = surroundings.environment
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
        return locale.lowercased().contains("utf")
    }
}

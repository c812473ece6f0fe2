import CairnBase
import CairnRuntime

extension FuzzTarget {
    /// A connection's bytes. The first byte says in what portions they arrive, which must not matter.
    static let http = FuzzTarget("http") { bytes in
        guard let portion = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let whole = steps(stream, portion: max(1, stream.count))
        try require(steps(stream, portion: 1 + Int(portion)) == whole, "requests depend on how the stream was cut")
        for case .request(let request) in whole {
            let segments = request.target.segments
            try require(segments.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "a path has two names")
            try require(request.body.count <= 1 << 20 && request.fields.fields.count <= 64, "a limit does not hold")
        }
    }

    private static func steps(_ stream: [UInt8], portion: Int) -> [HTTPRequestParser.Step] {
        var parser = HTTPRequestParser()
        var queue = ByteQueue()
        var steps: [HTTPRequestParser.Step] = []
        var start = 0
        while true {
            let step = parser.advance(&queue)
            switch step {
            case .refused: return steps + [step]
            case .request: steps.append(step)
            case .needsMore:
                guard start < stream.count else { return steps }
                let end = min(stream.count, start + portion)
                queue.append(Array(stream[start..<end]))
                start = end
            }
        }
    }
}

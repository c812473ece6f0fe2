/// Something a request says besides its path: declared in the table of routes, and checked before the handler is asked.
public struct HTTPParameter: Sendable, Equatable {
    public enum Place: String, Sendable {
        case path, query
        /// The whole body, one at most.
        case body
    }

    public enum Kind: Sendable, Equatable {
        case text
        case integer(ClosedRange<UInt64>)
        case choice([String])
    }

    public let name: String
    public let place: Place
    public let kind: Kind
    public let summary: String
    public let isRequired: Bool
    /// A value that is good for something on every chain.
    public let example: String?

    public init(
        _ name: String, in place: Place, _ kind: Kind = .text, isRequired: Bool? = nil, example: String? = nil,
        _ summary: String
    ) {
        self.name = name
        self.place = place
        self.kind = kind
        self.summary = summary
        self.isRequired = isRequired ?? (place == .path)
        self.example = example
    }

    /// Why a text is no value of this parameter.
    func problem(with text: String) -> String? {
        switch kind {
        case .text:
            return text.isEmpty ? "\(name) is empty" : nil
        case .integer(let range):
            let isWritten = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isWritten, let number = UInt64(text), range.contains(number) else {
                return "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        case .choice(let words):
            return words.contains(text) ? nil : "\(name) is none of \(words.joined(separator: ", "))"
        }
    }
}

extension HTTPRoute {
    /// The values of a request, once all of them are declared and fit. A parameter that nobody reads would make its writer
    /// believe that it works.
    func checked(
        _ inPath: [String: String], _ query: [HTTPTarget.Parameter]
    ) throws(HTTPRefusal) -> [String: String] {
        for given in query where !parameters.contains(where: { $0.place == .query && $0.name == given.name }) {
            throw HTTPRefusal(.badRequest, "there is no parameter \(given.name)")
        }
        let path = inPath.map { HTTPTarget.Parameter(name: $0.key, value: $0.value) }
        return try checked(anywhere: path + query)
    }

    /// The same, where it does not matter which of them stand in the path. The body is the handler's to check.
    func checked(anywhere given: [HTTPTarget.Parameter]) throws(HTTPRefusal) -> [String: String] {
        var values: [String: String] = [:]
        for given in given {
            let isDeclared = parameters.contains { $0.place != .body && $0.name == given.name }
            guard isDeclared || path.contains("{\(given.name)}") else {
                throw HTTPRefusal(.badRequest, "there is no parameter \(given.name)")
            }
            values[given.name] = given.value
        }
        for parameter in parameters where parameter.place != .body {
            guard let value = values[parameter.name] else {
                if parameter.isRequired { throw HTTPRefusal(.badRequest, "the parameter \(parameter.name) is missing") }
                continue
            }
            if let problem = parameter.problem(with: value) { throw HTTPRefusal(.badRequest, problem) }
        }
        return values
    }
}

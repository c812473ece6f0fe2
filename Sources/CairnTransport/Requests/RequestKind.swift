public import CairnBase

/// A question and its answer under `/cairn/<name>/1`: what it is called, how long both may be and how long it may take.
public struct RequestKind: Sendable, Equatable {
    public let spoken: StreamProtocol
    public let questionLimit: Int
    public let answerLimit: Int
    public let time: TimeSpan

    public init(_ name: String, _ sendClass: SendClass, questionLimit: Int, answerLimit: Int, time: TimeSpan) {
        spoken = StreamProtocol("/cairn/\(name)/1", sendClass)
        self.questionLimit = questionLimit
        self.answerLimit = answerLimit
        self.time = time
    }
}

internal import CairnBase

/// Answers questions about the chain on a thread of its own, from snapshots of the database: they wait for one another,
/// never for the block that is being executed, and nothing waits for them.
final class QuestionDesk {
    private struct Job: Sendable {
        let question: ChainQuestion
        let values: [String: String]
        let ticket: UInt64
    }

    let questions: [ChainQuestion]
    /// Questions that were refused because too many waited.
    private(set) var refused: UInt64 = 0
    private var waiting = Tickets<HTTPResponse>()
    private var worker: Worker<Job, (ticket: UInt64, response: HTTPResponse)>?

    init(_ questions: [ChainQuestion], on loop: EventLoop, limits: Limits.Interface) throws(SystemError) {
        self.questions = questions
        guard !questions.isEmpty else { return }
        worker = try Worker(
            name: "questions", on: loop, capacity: limits.questions,
            makeWork: { { job in (job.ticket, job.question.answer(job.values)) } },
            complete: { [weak self] answered in self?.waiting.close(answered.ticket)?(answered.response) })
    }

    func ask(_ question: ChainQuestion, _ values: [String: String], _ answer: @escaping (HTTPResponse) -> Void) {
        guard let ticket = waiting.open(answer) else { return refuse(answer) }
        guard worker?.submit(Job(question: question, values: values, ticket: ticket)) == true else {
            _ = waiting.close(ticket)
            return refuse(answer)
        }
    }

    private func refuse(_ answer: (HTTPResponse) -> Void) {
        refused += 1
        answer(.problem(.unavailable, code: "busy", "too many questions wait already", hint: "ask again in a second"))
    }

    func close() { worker?.finish() }

    var routes: [HTTPRoute] {
        questions.map { question in
            HTTPRoute(.get, question.path, as: question.name, taking: question.parameters, question.summary) {
                [unowned self] call in
                .later { self.ask(question, call.parameters, $0) }
            }
        }
    }
}

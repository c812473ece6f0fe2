internal import CLinux
internal import CairnBase
internal import CairnThreads
internal import Glibc
internal import Synchronization

/// Writes structured lines about one subsystem.
///
///     log.info("committed", ["height": .ordinal(height), "txs": .count(14), "took": .span(span)])
///
/// A line that is filtered out costs one atomic load; its fields are not built. Messages are constant phrases and what
/// varies is a field, so that lines can be counted, folded and searched.
public struct Logger: Sendable {
    private let output: LogOutput
    private let subsystem: String
    private let level: LevelCell

    fileprivate init(output: LogOutput, subsystem: String, level: LevelCell) {
        self.output = output
        self.subsystem = subsystem
        self.level = level
    }

    public func isEnabled(_ level: LogLevel) -> Bool {
        level.rawValue >= self.level.value.load(ordering: .relaxed)
    }

    public func trace(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.trace) { write(.trace, message, fields()) }
    }

    public func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.debug) { write(.debug, message, fields()) }
    }

    public func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.info) { write(.info, message, fields()) }
    }

    public func warn(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.warn) { write(.warn, message, fields()) }
    }

    public func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.error) { write(.error, message, fields()) }
    }

    private func write(_ level: LogLevel, _ message: StaticString, _ fields: LogFields) {
        output.write(level, subsystem, message.description, fields)
    }
}

/// Where all loggers of a process write: formats, folds repeats, and hands each line over whole.
///
/// Any thread may log; a lock orders the lines. The default destination is one `write(2)` to standard error per line,
/// so a killed process has lost nothing it logged. A line that nobody takes is dropped, counted, and the count told by
/// the next line that gets out: a reader that stands still must not stop the node.
public final class LogOutput: Sendable {
    public struct Options: Sendable {
        public var filter = LogFilter()
        public var format = LogFormat.text
        /// Prefixes text lines with the priority that journald understands.
        public var priorityPrefix = false

        public init() {}
    }

    private struct State {
        var filter: LogFilter
        var cells: [String: LevelCell] = [:]
        var folding = LogFolding()
        var lastExpiry = Instant.origin
        /// Lines that the destination did not take and nobody was told of.
        var lost: UInt64 = 0
        var memory = LogMemory()
    }

    private let state: Guarded<State>
    private let options: Options
    private let clock: @Sendable () -> (WallTime, Instant)
    private let destination: @Sendable ([UInt8]) -> Bool

    public convenience init(_ options: Options = Options()) {
        self.init(
            options, clock: { (Clock.wall(), Clock.monotonic()) }, destination: { writeAtOnce($0, to: STDERR_FILENO) })
    }

    init(
        _ options: Options, clock: @escaping @Sendable () -> (WallTime, Instant),
        destination: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.options = options
        self.clock = clock
        self.destination = destination
        state = Guarded(State(filter: options.filter))
    }

    /// The logger of a subsystem; all loggers of one subsystem share their level.
    public func logger(_ subsystem: StaticString) -> Logger {
        let name = subsystem.description
        let cell = state.withLock { state in
            if let cell = state.cells[name] { return cell }
            let cell = LevelCell(state.filter.level(of: name))
            state.cells[name] = cell
            return cell
        }
        return Logger(output: self, subsystem: name, level: cell)
    }

    /// Changes levels while the process runs.
    public func apply(_ filter: LogFilter) {
        state.withLock { state in
            state.filter = filter
            for (name, cell) in state.cells {
                cell.value.store(filter.level(of: name).rawValue, ordering: .relaxed)
            }
        }
    }

    /// Tells what was folded and not told yet; called now and then by the loop, and at the end.
    public func tellFolded(everything: Bool = false) {
        let (wall, now) = clock()
        state.withLock { state in
            expire(&state, wall, now, everything: everything)
        }
    }

    fileprivate func write(_ level: LogLevel, _ subsystem: String, _ message: String, _ fields: LogFields) {
        let (wall, now) = clock()
        state.withLock { state in
            if state.folding.isDue(at: now, lastExpiry: state.lastExpiry) { expire(&state, wall, now) }
            guard state.folding.admits(.init(subsystem: subsystem, message: message), level, at: now) else { return }
            emit(&state, LogLine(time: wall, level: level, subsystem: subsystem, message: message, fields: fields))
        }
    }

    private func expire(_ state: inout State, _ wall: WallTime, _ now: Instant, everything: Bool = false) {
        state.lastExpiry = now
        for folded in state.folding.expire(at: now, everything: everything) {
            let seconds = folded.span.nanoseconds / 1_000_000_000
            let message = "\(folded.key.message) … \(folded.count) similar in \(seconds) s"
            emit(
                &state,
                LogLine(
                    time: wall, level: folded.level, subsystem: folded.key.subsystem, message: message, fields: [:]))
        }
    }

    private func emit(_ state: inout State, _ line: LogLine) {
        if state.lost > 0 {
            let confession = LogLine(
                time: line.time, level: .warn, subsystem: "log", message: "lines were lost",
                fields: ["count": .number(state.lost)])
            if write(confession) { state.lost = 0 }
        }
        if !write(line) { state.lost += 1 }
        state.memory.add(line.bytes(.text, priorityPrefix: false))
    }

    /// The newest lines that are kept, from a number on, and the number that comes next.
    func kept(from number: UInt64, limit: Int) -> (lines: [String], next: UInt64) {
        state.withLock { state in (state.memory.lines(from: number, limit: limit), state.memory.next) }
    }

    private func write(_ line: LogLine) -> Bool {
        destination(line.bytes(options.format, priorityPrefix: options.priorityPrefix))
    }
}

/// A subsystem's level, read by every call and written when an operator changes it.
private final class LevelCell: Sendable {
    let value: Atomic<UInt8>

    init(_ level: LogLevel) {
        value = Atomic(level.rawValue)
    }
}

/// One write, which never waits: false when a full pipe or a stopped terminal did not take the whole line.
func writeAtOnce(_ line: [UInt8], to descriptor: Int32) -> Bool {
    // SAFETY: the buffer outlives the call.
    let count = unsafe line.withUnsafeBufferPointer {
        unsafe clinux_write_at_once(descriptor, $0.baseAddress, $0.count)
    }
    return count == line.count
}

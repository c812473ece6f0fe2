internal import CairnBase

extension YamuxSession {
    /// Urgent frames in a row while something of a lower class waits.
    private static let urgentRunLimit = 3

    /// Whether `produce` would give anything.
    public var hasOutput: Bool {
        !controlFrames.isEmpty || ready.contains { !$0.isEmpty }
    }

    /// Appends frames to `output`, most urgent first, until about `limit` bytes are there or nothing is left.
    ///
    /// Keep `limit` small, near what the socket takes at once: a frame once produced can no longer be overtaken.
    public mutating func produce(_ limit: Int, into output: inout [UInt8], events: inout [Event]) {
        let end = output.count + limit
        while output.count < end {
            if !controlFrames.isEmpty {
                sendControlFrames(into: &output)
            } else if let number = nextStreamToSend() {
                sendFrame(number, into: &output, events: &events)
            } else {
                return
            }
        }
    }

    /// Queues a frame about frames. A peer that makes us owe too many of them is cut off.
    mutating func control(_ frame: YamuxHeader, into events: inout [Event]) {
        guard fault == nil else { return }
        guard controlFrames.count < limits.controlFrames else { return fail(.controlFlood, into: &events) }
        controlFrames.append(frame)
    }

    /// Puts a stream into its class's turn when it has something to send and is not there already.
    mutating func enqueue(_ number: UInt32) {
        guard let stream = streams[number], stream.canSend, !stream.queued else { return }
        streams[number]?.queued = true
        ready[Int(stream.sendClass.rawValue)].append(number)
    }

    private mutating func sendControlFrames(into output: inout [UInt8]) {
        for frame in controlFrames { frame.append(to: &output) }
        controlFrames.removeAll(keepingCapacity: true)
        pendingPongs = 0
    }

    /// Strictly by class, except that after a few urgent frames the lower classes get one: a flood of votes must not
    /// stop the blocks they are about.
    private mutating func nextStreamToSend() -> UInt32? {
        let urgent = Int(SendClass.urgent.rawValue)
        let lower = ready.indices.dropFirst(urgent + 1).first { !ready[$0].isEmpty }
        let upper = ready.indices.prefix(urgent + 1).first { !ready[$0].isEmpty }
        guard let index = urgentRun >= Self.urgentRunLimit ? lower ?? upper : upper ?? lower else { return nil }
        urgentRun = index <= urgent ? min(urgentRun + 1, Self.urgentRunLimit) : 0
        if index == urgent {
            pressedFrames = limits.framesUnderPressure
        } else if pressedFrames > 0 {
            pressedFrames -= 1
        }
        let number = ready[index].removeFirst()
        streams[number]?.queued = false
        return number
    }

    private mutating func sendFrame(_ number: UInt32, into output: inout [UInt8], events: inout [Event]) {
        guard let sendClass = streams[number]?.sendClass else { return }
        let index = Int(sendClass.rawValue)
        let pressed = ready[..<index].contains { !$0.isEmpty } || sendClass > .urgent && pressedFrames > 0
        // The stream is changed where it stands: taking it out would copy all that waits on it.
        let size = streams[number]?.moveFrame(
            of: number, limit: pressed ? limits.frameUnderPressure : limits.frame, into: &output)
        queuedBytes[index] -= size ?? 0
        if let stream = streams[number], stream.sentFinish, stream.receivedFinish {
            remove(number)
            events.append(.closed(StreamID(number)))
        } else {
            enqueue(number)
        }
    }
}

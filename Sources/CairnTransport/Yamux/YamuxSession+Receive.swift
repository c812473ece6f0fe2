public import CairnBase

extension YamuxSession {
    /// Takes bytes as they arrived, in any pieces.
    public mutating func receive(_ bytes: RawSpan, at now: Instant, into events: inout [Event]) {
        var rest = bytes
        while rest.byteCount > 0, fault == nil {
            if var current = body {
                let count = min(Int(current.left), rest.byteCount)
                deliver(rest.extracting(first: count), of: current, into: &events)
                rest = rest.extracting(droppingFirst: count)
                current.left -= UInt32(count)
                body = current.left == 0 ? nil : current
                if current.left == 0, current.finishes { peerFinished(current.stream, into: &events) }
            } else {
                let count = min(YamuxHeader.count - header.count, rest.byteCount)
                // SAFETY: the span lives through the call and the bytes are copied out.
                unsafe rest.extracting(first: count).withUnsafeBytes { unsafe header.append(contentsOf: $0) }
                rest = rest.extracting(droppingFirst: count)
                if header.count == YamuxHeader.count { startFrame(at: now, into: &events) }
            }
        }
    }

    private mutating func startFrame(at now: Instant, into events: inout [Event]) {
        let parsed = YamuxHeader(header.span.bytes)
        header.removeAll(keepingCapacity: true)
        guard let frame = parsed else { return fail(.malformedHeader, into: &events) }
        switch frame.kind {
        case .ping: receivePing(frame, at: now, into: &events)
        case .goAway: receiveGoAway(frame, into: &events)
        case .data, .windowUpdate: receiveStreamFrame(frame, at: now, into: &events)
        }
    }

    private mutating func receivePing(_ frame: YamuxHeader, at now: Instant, into events: inout [Event]) {
        guard frame.stream == 0 else { return fail(.badStream(frame.stream), into: &events) }
        if frame.flags.contains(.ack) {
            if let roundTrip = keepalive.answered(frame.length, at: now) { events.append(.roundTrip(roundTrip)) }
        } else if frame.flags.contains(.syn) {
            guard pendingPongs < limits.queuedPongs else {
                ignoredPings &+= 1
                return
            }
            pendingPongs += 1
            control(YamuxHeader(.ping, .ack, stream: 0, length: frame.length), into: &events)
        }
    }

    private mutating func receiveGoAway(_ frame: YamuxHeader, into events: inout [Event]) {
        guard frame.stream == 0 else { return fail(.badStream(frame.stream), into: &events) }
        peerGone = true
        events.append(.goneAway(code: frame.length))
    }

    private mutating func receiveStreamFrame(_ frame: YamuxHeader, at now: Instant, into events: inout [Event]) {
        guard frame.stream != 0 else { return fail(.badStream(0), into: &events) }
        if frame.flags.contains(.syn), !accept(frame.stream, at: now, into: &events) { return skipBody(of: frame) }
        guard fault == nil else { return }
        guard var stream = streams[frame.stream] else {
            guard wasOpened(frame.stream) else { return fail(.badStream(frame.stream), into: &events) }
            return skipBody(of: frame)
        }
        if frame.flags.contains(.ack), !stream.acknowledged {
            stream.acknowledged = true
            unacknowledged -= 1
            streams[frame.stream] = stream
        }
        if frame.flags.contains(.rst) {
            // With RST the length of a window update is an error code; of a data frame it still counts bytes.
            remove(frame.stream)
            events.append(.reset(StreamID(frame.stream)))
            return skipBody(of: frame)
        }
        switch frame.kind {
        case .data: receiveData(frame, into: &events)
        default: receiveCredit(frame, into: &events)
        }
    }

    private mutating func receiveData(_ frame: YamuxHeader, into events: inout [Event]) {
        guard let stream = streams[frame.stream] else { return }
        guard frame.length <= stream.receiveCredit, !stream.receivedFinish || frame.length == 0 else {
            return fail(.windowExceeded(stream: frame.stream), into: &events)
        }
        let finishes = frame.flags.contains(.fin)
        guard frame.length > 0 else {
            if finishes { peerFinished(frame.stream, into: &events) }
            return
        }
        if unconsumed + Int(frame.length) > limits.bytesPerConnection {
            reset(StreamID(frame.stream), into: &events)
            return skipBody(of: frame)
        }
        streams[frame.stream]?.receiveCredit -= frame.length
        body = Body(stream: frame.stream, left: frame.length, finishes: finishes, discarded: false)
    }

    private mutating func receiveCredit(_ frame: YamuxHeader, into events: inout [Event]) {
        guard let stream = streams[frame.stream] else { return }
        let (credit, overflow) = stream.sendCredit.addingReportingOverflow(frame.length)
        guard !overflow else { return fail(.creditOverflow(stream: frame.stream), into: &events) }
        streams[frame.stream]?.sendCredit = credit
        enqueue(frame.stream)
        if frame.flags.contains(.fin) { peerFinished(frame.stream, into: &events) }
    }

    /// Takes a peer's new stream. False when it was refused with a reset, or the session failed.
    private mutating func accept(_ number: UInt32, at now: Instant, into events: inout [Event]) -> Bool {
        guard inboundNumbers.use(number) else {
            fail(.badStream(number), into: &events)
            return false
        }
        guard inboundCount < limits.inboundPerConnection, inboundRate.admits(at: now) else {
            control(YamuxHeader(.windowUpdate, .rst, stream: number, length: 0), into: &events)
            return false
        }
        inboundCount += 1
        streams[number] = YamuxStream(
            sendClass: .block, sendCredit: window, receiveCredit: window, greeting: [],
            acknowledged: true)
        events.append(.opened(StreamID(number)))
        control(YamuxHeader(.windowUpdate, .ack, stream: number, length: 0), into: &events)
        return true
    }

    /// Whether the number was ever used, so that late frames for it are the normal tail of a closed stream.
    private func wasOpened(_ number: UInt32) -> Bool {
        isInbound(number) ? inboundNumbers.wasUsed(number) : number < nextStream
    }

    private mutating func skipBody(of frame: YamuxHeader) {
        guard fault == nil, frame.kind == .data, frame.length > 0 else { return }
        body = Body(stream: frame.stream, left: frame.length, finishes: false, discarded: true)
    }

    private mutating func deliver(_ piece: RawSpan, of body: Body, into events: inout [Event]) {
        guard !body.discarded, streams[body.stream] != nil else {
            discardedBytes &+= UInt64(piece.byteCount)
            return
        }
        streams[body.stream]?.unconsumed += UInt32(piece.byteCount)
        unconsumed += piece.byteCount
        // SAFETY: the span lives through the call and the bytes are copied out.
        let bytes = unsafe piece.withUnsafeBytes { unsafe [UInt8]($0) }
        events.append(.received(StreamID(body.stream), bytes))
    }

    private mutating func peerFinished(_ number: UInt32, into events: inout [Event]) {
        guard let stream = streams[number], !stream.receivedFinish else { return }
        streams[number]?.receivedFinish = true
        events.append(.finished(StreamID(number)))
        if stream.sentFinish {
            remove(number)
            events.append(.closed(StreamID(number)))
        }
    }
}

extension NodeConfiguration {
    /// What a configuration says when it is read again.
    public enum Reread: Sendable {
        /// How much is logged from now on, and which other settings differ from those in force.
        case levels(LogFilter, waiting: [String])
        /// Why nothing of it is taken.
        case refused(String)
    }
}

extension NodeShell {
    /// Takes from the configuration what a running node can change, and says what has to wait for the next start.
    func reload(_ log: Logger) {
        switch configuration.reread?() {
        case .levels(let filter, let waiting):
            output.apply(filter)
            log.info("the configuration was read again", ["levels": .text("\(filter)")])
            guard !waiting.isEmpty else { return }
            log.warn("settings wait for the next start", ["settings": .text(waiting.joined(separator: ","))])
        case .refused(let reason):
            log.error("the configuration was read again and nothing of it is taken", ["reason": .text(reason)])
        case nil: break
        }
    }
}

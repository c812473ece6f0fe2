import CairnBase
import CairnRuntime
import Glibc

/// Who may use the API over TCP.
extension Config {
    /// What no single value can say: an API that others reach takes a token, and the network main no faults.
    func checkWhole() throws(Failure) {
        guard api.address.isLoopback || tokenFile != nil else { throw Failure.openAPI(api) }
        guard !takesFaults || network != Self.mainNetwork else {
            throw Failure(
                .configValue, "test.faults is on, and \(network) is no network to test faults on",
                do: Hint("test.faults = \"off\""))
        }
    }

    /// The token, where the configuration names its file.
    func accessToken() throws(Failure) -> AccessToken? {
        guard let tokenFile else { return nil }
        let text = try TextFile.read(tokenFile, limit: 4_096)
        guard !isOpenToOthers(tokenFile) else {
            throw Failure(
                .configValue, "\(tokenFile) can be read by other users", do: Hint("chmod 600 \(shellWord(tokenFile))"))
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count == 1, let token = AccessToken(trimmed(String(lines[0]))) else {
            throw Failure(
                .configValue,
                "\(tokenFile) holds no token: one line of at least \(AccessToken.minimumLength) characters without blanks",
                do: Hint("head -c 24 /dev/urandom | base64 > \(shellWord(tokenFile))", "makes one"))
        }
        return token
    }

    private func isOpenToOthers(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: the path and the structure outlive the call.
        guard unsafe stat(path, &status) == 0 else { return true }
        return status.st_mode & 0o077 != 0
    }
}

extension Failure {
    static func openAPI(_ endpoint: Endpoint) -> Failure {
        Failure(
            .configValue, "api.listen \(endpoint) is not a loopback address, and no token protects it",
            hints: [
                Hint("api.token_file", "names a file with a token that programs must show"),
                Hint("127.0.0.1:7471", "keeps the API on this machine"),
            ])
    }
}

/// Stops the process when something that must be true is not.
///
/// `precondition` loses its message in release builds and `assert` vanishes there; this keeps both the check and the
/// sentence. It guards our own mistakes only: nothing a peer, a file or an argument says may decide `condition`.
@inlinable
public func invariant(
    _ condition: @autoclosure () -> Bool,
    _ message: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() {
        fatalError("invariant broken: \(message())", file: file, line: line)
    }
}

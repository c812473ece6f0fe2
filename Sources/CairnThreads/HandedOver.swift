/// Hands a value made on one thread to the only thread that uses it from then on.
///
/// SAFETY: `@unchecked Sendable` because the maker gives the value up: it is moved into a worker's closure and touched
/// nowhere else afterwards, or not before the worker has given it back.
public struct HandedOver<Value>: @unchecked Sendable {
    public let value: Value

    public init(_ value: Value) {
        self.value = value
    }
}

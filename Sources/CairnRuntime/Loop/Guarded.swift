internal import CairnBase
internal import Glibc

/// A value that several threads share, behind a lock.
///
/// The lock is the C library's: the thread sanitizer knows it, as it does not know the standard library's `Mutex`, so
/// a real race is not lost among false ones.
final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: `value` is touched only inside `withLock`, and the mutex stays at one address from init to deinit.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    // SAFETY: the memory is this object's own until deinit gives it back.
    init(_ value: sending Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        let result = unsafe pthread_mutex_init(mutex, nil)
        invariant(result == 0, "a mutex can be made")
    }

    // SAFETY: nobody holds the lock of an object that nobody refers to.
    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> sending Result) -> sending Result {
        // SAFETY: the mutex was initialised and is not destroyed before the object is.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}

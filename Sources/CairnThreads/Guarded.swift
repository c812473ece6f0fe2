internal import CairnBase
internal import Glibc

/// A value that several threads share, behind a lock.
///
/// The lock is the C library's: the thread sanitizer knows it, as it does not know the standard library's `Mutex`, so
/// a real race is not lost among false ones.
public final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: `value` is touched only while the lock is held, and both stay at one address from init to deinit.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    // SAFETY: the memory is this object's own until deinit gives it back.
    public init(_ value: sending Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        let result = unsafe (pthread_mutex_init(mutex, nil), pthread_cond_init(changed, nil))
        invariant(result == (0, 0), "a mutex and its condition can be made")
    }

    // SAFETY: nobody holds the lock of an object that nobody refers to.
    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    public func withLock<Result>(_ body: (inout Value) -> sending Result) -> sending Result {
        // SAFETY: the mutex was initialised and is not destroyed before the object is.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }
    /// Changes the value and wakes those that wait for it.
    public func change(_ body: (inout Value) -> Void) {
        // SAFETY: as above; waking somebody needs no more than the condition itself.
        unsafe pthread_mutex_lock(mutex)
        body(&value)
        unsafe pthread_cond_broadcast(changed)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits until `take` finds what it looks for.
    public func wait<Found>(for take: (inout Value) -> sending Found?) -> sending Found {
        // SAFETY: as above; the lock is held whenever `take` runs.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let found = take(&value) { return found }
            unsafe pthread_cond_wait(changed, mutex)
        }
    }
}

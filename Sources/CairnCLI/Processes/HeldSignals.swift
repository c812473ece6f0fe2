import Glibc

/// Ctrl-C and SIGTERM wait until something is done that must not be left half done, and are heard then.
///
/// SAFETY, throughout: sets of signals are lent to the C library for the length of one call.
struct HeldSignals {
    private var before = sigset_t()

    init() {
        var held = sigset_t()
        unsafe sigemptyset(&held)
        unsafe sigaddset(&held, SIGINT)
        unsafe sigaddset(&held, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
    }

    func release() {
        var mask = before
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}

import CLibFuzzer
import CairnFuzz
import Glibc

/// The fuzzer's program. `FUZZ_TARGET` names the target; the arguments are libFuzzer's own.
@main enum Main {
    /// Chosen once, before libFuzzer calls back.
    private static let target: FuzzTarget = {
        // SAFETY: getenv returns a C string or nothing, and nobody changes the environment of this process.
        let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            let known = FuzzTarget.all.map(\.name).joined(separator: ", ")
            fatalError("FUZZ_TARGET is '\(name)'; the targets are: \(known)")
        }
        return target
    }()

    static func main() {
        _ = target
        var count = CommandLine.argc
        // SAFETY: the vector lives as long as the process; libFuzzer may rewrite the pointers, which nobody else reads.
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        exit(
            unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                // SAFETY: libFuzzer passes `size` readable bytes; they are copied before anything else happens.
                Main.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            })
    }

    private static func run(_ bytes: [UInt8]) {
        do {
            try target.run(bytes)
        } catch {
            fatalError("finding in \(target.name): \(error)")
        }
    }
}

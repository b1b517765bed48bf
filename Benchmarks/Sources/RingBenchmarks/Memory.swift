#if canImport(Glibc)
import CMalloc
#endif

/// What the process has allocated.
enum Memory {
    /// Bytes that are allocated and not freed; 0 where the system does not report them.
    static func allocated() -> Int {
        #if canImport(Glibc)
        let info = mallinfo2()
        return Int(info.uordblks) + Int(info.hblkhd)
        #else
        return 0
        #endif
    }
}

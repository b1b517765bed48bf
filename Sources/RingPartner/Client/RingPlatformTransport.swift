public import RingCore

#if os(Linux)
internal import RingCurl
#else
internal import RingURLSession
#endif

/// The transport of this platform: libcurl on Linux, URLSession on Apple systems. One for the process.
public enum RingPlatformTransport: Sendable {
    /// The process's transport.
    public static var shared: any RingTransport {
        #if os(Linux)
        RingCurlTransport.shared
        #else
        RingURLSessionTransport.shared
        #endif
    }
}

/// Which of a transport's two threads a request goes through.
///
/// Media has connections of its own: a download that waits for its reader would hold up the other streams of an HTTP/2
/// connection, and libcurl may put an HTTP/1.1 request on an idle HTTP/2 connection of the same pool.
enum CurlLane: Hashable, Sendable {
    /// JSON, tokens and SDP: small bodies, HTTP/2 where the server has it.
    case documents
    /// Clips and stills: large bodies, HTTP/1.1.
    case media
}

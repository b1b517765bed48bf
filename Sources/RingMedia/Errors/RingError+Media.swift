public import RingCore

extension RingError.Code {
    /// The recording is not ready (425, 202), after the waiting that was allowed. Ask again later.
    public static let mediaNotReady = Self("media_not_ready", isTransient: true)
    /// Nothing was recorded then (416).
    public static let mediaNotFound = Self("media_not_found")
    /// The recording is damaged (422 `CORRUPT_RECORDING`). Asking again does not help.
    public static let mediaDamaged = Self("media_damaged")
    /// The key to the recording is not available (422 `GRECO_NO_VALID_KEY`), after the waiting that was allowed.
    public static let mediaKeyUnavailable = Self("media_key_unavailable", isTransient: true)
    /// The range begins before the user agreed to share the device (403 `TIME_RANGE_NOT_AUTHORIZED`).
    public static let timeRangeNotAuthorized = Self("time_range_not_authorized")
    /// What came with a good status is an HTML page, JSON or text.
    public static let notMedia = Self("not_media")
    /// What came cannot be read: most likely the device is encrypted with a key that was thrown away (TAKE).
    public static let mediaUnreadable = Self("media_unreadable")
    /// What came is cut: bytes, boxes or chunks are missing at its end.
    public static let mediaTruncated = Self("media_truncated")
    /// Links to the media expired faster than they could be used.
    public static let mediaLinkExpired = Self("media_link_expired", isTransient: true)
    /// The disk, or the quota on it, is full.
    public static let diskFull = Self("disk_full")
}

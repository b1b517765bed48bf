import Foundation

/// Every reader that takes bytes from outside. Bytes must be refused with an error or be read, and what was read must survive
/// being used. What is wrong ends the process, which is how libFuzzer learns of it.
private let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "device": fuzzDevices, "form": fuzzForm, "http": fuzzHTTP, "jpeg": fuzzJPEG, "json": fuzzJSON, "mp4": fuzzMP4,
    "png": fuzzPNG, "scenario": fuzzScenario, "sdp": fuzzSDP, "token": fuzzToken, "webhook": fuzzWebhook,
]

/// One reader a process: `RING_FUZZ_TARGET` names it.
private let target: @Sendable ([UInt8]) -> Void = {
    guard let name = ProcessInfo.processInfo.environment["RING_FUZZ_TARGET"], let target = targets[name] else {
        print("RING_FUZZ_TARGET is one of \(targets.keys.sorted().joined(separator: ", "))")
        exit(2)
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(unsafe [UInt8](UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Ends the process with the line that was wrong.
func check(_ isRight: @autoclosure () -> Bool, _ what: String, line: Int = #line) {
    guard !isRight() else { return }
    FileHandle.standardError.write(Data("line \(line): \(what)\n".utf8))
    abort()
}

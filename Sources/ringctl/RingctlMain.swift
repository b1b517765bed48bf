@main
struct RingctlMain {
    static func main() {}
}

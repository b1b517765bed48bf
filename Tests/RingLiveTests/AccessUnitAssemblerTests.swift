import RingLive
import Testing

@Suite struct AccessUnitAssemblerTests {
    private let sps: [UInt8] = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f]
    private let pps: [UInt8] = [0, 0, 0, 1, 0x68, 0xce]
    private let key: [UInt8] = [0, 0, 0, 1, 0x65, 1]
    private let delta: [UInt8] = [0, 0, 0, 1, 0x41, 2]

    @Test func parameterSetsAreKeptAndStandBeforeEachKeyFrame() {
        var assembler = AccessUnitAssembler()

        let whole = assembler.video(self.sps + self.pps + self.key, time: .zero, arrival: .zero)
        let later = assembler.video(self.key, time: .milliseconds(50), arrival: .milliseconds(50))
        let between = assembler.video(self.delta, time: .milliseconds(100), arrival: .milliseconds(100))

        #expect(whole?.bytes == self.sps + self.pps + self.key)
        #expect(later?.bytes == self.sps + self.pps + self.key)
        #expect(between?.bytes == self.delta)
        #expect(whole?.isKeyFrame == true && later?.isKeyFrame == true && between?.isKeyFrame == false)
    }

    @Test func parameterSetsOfTheAnswerCount() {
        var assembler = AccessUnitAssembler()
        assembler.take(parameterSets: "Z0LAHw==,aM4=")

        let unit = assembler.video(self.key, time: .zero, arrival: .zero)

        #expect(unit?.bytes == self.sps + self.pps + self.key)
    }

    @Test func whatCannotBeDecodedIsLeftOut() {
        var assembler = AccessUnitAssembler()

        #expect(assembler.video(self.delta, time: .zero, arrival: .zero) == nil)
        #expect(assembler.video(self.key, time: .zero, arrival: .zero) == nil)
        #expect(assembler.video(self.sps + self.pps, time: .zero, arrival: .zero) == nil)
        #expect(assembler.video([], time: .zero, arrival: .zero) == nil)
        #expect(assembler.video(self.key, time: .zero, arrival: .zero)?.isKeyFrame == true)
    }

    @Test func newParameterSetsReplaceTheOldOnes() {
        var assembler = AccessUnitAssembler()
        _ = assembler.video(self.sps + self.pps + self.key, time: .zero, arrival: .zero)
        let other: [UInt8] = [0, 0, 0, 1, 0x67, 0x64, 0, 0x28]

        _ = assembler.video(other + self.pps + self.key, time: .milliseconds(50), arrival: .zero)

        #expect(
            assembler.video(self.key, time: .milliseconds(100), arrival: .zero)?.bytes == other + self.pps + self.key)
    }

    @Test func timesBeginAtZeroAndIncrease() {
        var assembler = AccessUnitAssembler()
        let times: [Duration?] = [
            .seconds(7), .seconds(7) + .milliseconds(50), .seconds(7) + .milliseconds(50), .seconds(6), nil,
            .seconds(8),
        ]

        let units = times.enumerated().compactMap { index, time in
            assembler.video(self.sps + self.pps + self.key, time: time, arrival: .milliseconds(50 * index))
        }

        #expect(
            units.map(\.presentationTime) == [0, 50, 51, 52, 200, 1000].map { .milliseconds($0) })
        #expect(assembler.audio([1], time: .seconds(6), arrival: .zero).presentationTime == .zero)
    }
}

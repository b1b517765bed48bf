import RingCore
import Testing

@testable import RingWebhooks

@Suite struct InboxStateTests {
    private static func id(_ name: String) -> RingStorageID { RingStorageID(RingStoredWebhook.collection, name) }

    private func state(_ change: (inout RingWebhookInboxOptions) -> Void = { _ in }) -> InboxState {
        var options = RingWebhookInboxOptions()
        options.concurrency = 2
        options.maximumWaiting = 10
        options.maximumSaving = 3
        change(&options)
        return InboxState(options)
    }

    @Test func admitsWhatTheStorageHasCapacityFor() {
        var state = self.state()
        // Nothing is known of the storage at first.
        #expect(state.admission(at: .seconds(1)) == .mustCount)
        #expect(state.noteCount(nil) == true)
        #expect(state.admission(at: .seconds(1)) == .open)
        #expect(state.noteCount(9) == true)
        state.noteSaved()
        #expect(state.admission(at: .seconds(1.5)) == .closed)
        // Counted anew at most once a second.
        #expect(state.admission(at: .seconds(2)) == .mustCount)
        #expect(state.noteCount(10) == false)
        state.noteSettled()
        #expect(state.admission(at: .seconds(2)) == .open)
    }

    @Test func admitsNoMoreThanMayBeSavedAtOnce() {
        var state = self.state()
        _ = state.noteCount(0)
        for _ in 0..<3 { _ = state.beginSaving(taking: nil) }
        #expect(state.admission(at: .zero) == .closed)
        #expect(!state.isQuiet)
        state.endSaving()
        #expect(state.admission(at: .zero) == .open)
    }

    @Test func aSaveTakesAFreeHandlerOfARunOnly() {
        var state = self.state()
        #expect(state.beginSaving(taking: Self.id("1")) == false)
        state.beginRun(.handlers)
        #expect(state.beginSaving(taking: nil) == false)
        #expect(state.beginSaving(taking: Self.id("1")) == true)
        // A duplicate that arrives meanwhile takes no second handler.
        #expect(state.beginSaving(taking: Self.id("1")) == false)
        #expect(state.beginSaving(taking: Self.id("2")) == true)
        #expect(state.beginSaving(taking: Self.id("3")) == false)
        state.endWork(on: Self.id("1"))
        #expect(state.beginSaving(taking: Self.id("3")) == true)
        state.stop()
        state.endWork(on: Self.id("3"))
        #expect(state.beginSaving(taking: Self.id("4")) == false)
    }

    @Test func queriesOnlyForAReasonAndForFreeHandlers() {
        var state = self.state()
        state.beginRun(.handlers)
        #expect(state.takeFreeHandlers(for: .handlers) == 2)
        #expect(state.takeFreeHandlers(for: .handlers) == 0)
        state.expectWork()
        state.noteFound([Self.id("1")], limit: 2)
        #expect(state.takeFreeHandlers(for: .handlers) == 1)
        // As many as were looked for: there may be more.
        state.noteFound([Self.id("2")], limit: 1)
        #expect(state.takeFreeHandlers(for: .handlers) == 0)
        state.endWork(on: Self.id("1"))
        #expect(state.takeFreeHandlers(for: .handlers) == 1)
    }

    @Test func anIterationTakesNoMoreThanItWants() {
        var state = self.state()
        state.beginRun(.onDemand)
        #expect(state.takeFreeHandlers(for: .onDemand) == 0)
        state.want(1)
        #expect(state.takeFreeHandlers(for: .onDemand) == 1)
        state.noteFound([Self.id("1")], limit: 1)
        #expect(state.beginSaving(taking: Self.id("2")) == false)
        state.want(3)
        // Never more than the concurrency.
        #expect(state.takeFreeHandlers(for: .onDemand) == 1)
        state.want(-4)
        state.expectWork()
        #expect(state.takeFreeHandlers(for: .onDemand) == 0)
    }

    @Test func lanesAreLookedForWhenThereAreAnyAndNowAndThen() {
        var state = self.state { $0.pollInterval = .seconds(5) }
        #expect(state.nextQuery(at: .zero).inLanes == [true, false])
        #expect(state.nextQuery(at: .zero).inLanes == [false, true])
        state.noteLanes(false)
        #expect(state.nextQuery(at: .seconds(1)).inLanes == [true, false])
        #expect(state.nextQuery(at: .seconds(2)).inLanes == [false])
        #expect(state.nextQuery(at: .seconds(6)).inLanes == [true, false])
        var ordered = self.state { $0.ordering = .perDevice }
        ordered.noteLanes(false)
        #expect(ordered.nextQuery(at: .zero).inLanes == [true, false])
        #expect(ordered.nextQuery(at: .zero).inLanes == [false, true])
    }

    @Test func farDatesAreLookedForNowAndThenAndAfterTheClockWasSet() {
        var state = self.state { $0.pollInterval = .seconds(5) }
        #expect(state.nextQuery(at: .zero).includesFarDates == true)
        #expect(state.nextQuery(at: .seconds(4)).includesFarDates == false)
        state.noteClockSet()
        #expect(state.nextQuery(at: .seconds(4)).includesFarDates == true)
        #expect(state.nextQuery(at: .seconds(9)).includesFarDates == true)
        state.noteFound([Self.id("1")], limit: 2)
        #expect(state.nextQuery(at: .seconds(9)).excluded == [Self.id("1")])
    }

    @Test func isQuietWhenNoRunNoSaveAndNoWorkIsLeft() {
        var state = self.state()
        #expect(state.isQuiet)
        state.beginRun(.handlers)
        state.beginRun(.onDemand)
        #expect(state.endRun(.handlers).isEmpty == true)
        #expect(!state.isQuiet)
        state.noteFound([Self.id("1")], limit: 5)
        #expect(state.endRun(.onDemand).isEmpty == true)
        #expect(!state.isQuiet)
        state.endWork(on: Self.id("1"))
        #expect(state.isQuiet)
        state.stopReceiving()
        #expect(!state.isReceiving && state.isWorking)
        state.stop()
        #expect(!state.isReceiving && !state.isWorking)
    }

    @Test func aRunThatOnlyTidiesUpTakesNoWebhook() {
        var state = self.state()
        state.beginRun(.tidying)
        state.want(1)
        #expect(!state.isQuiet)
        #expect(state.beginSaving(taking: Self.id("1")) == false)
        #expect(state.takeFreeHandlers(for: .tidying) == 0)
        state.beginRun(.onDemand)
        #expect(state.beginSaving(taking: Self.id("1")) == true)
        state.endSaving()
        state.endSaving()
        state.endWork(on: Self.id("1"))
        #expect(state.endRun(.onDemand).isEmpty == true)
        #expect(state.endRun(.tidying).isEmpty == true)
        #expect(state.isQuiet)
    }

    @Test func refusalsInARowEndWithASuccessOrAfterADay() {
        var count = RefusalCount()
        #expect(count.note(.forged, at: .zero) == 1)
        #expect(count.note(.storeFailed, at: .zero) == 0)
        #expect(count.note(.tooLarge, at: .seconds(10)) == 2)
        #expect(count.value(at: .seconds(86_410)) == 2)
        #expect(count.value(at: .seconds(86_411)) == 0)
        #expect(count.note(.forged, at: .seconds(86_411)) == 1)
        #expect(count.note(.duplicate, at: .seconds(86_412)) == 0)
        #expect(count.value(at: .seconds(86_412)) == 0)
    }

    @Test func aJumpOfTheWallClockStartsTheSteadyTimeAnew() {
        var watch = ClockWatch()
        #expect(watch.note(offset: 100, at: .zero) == false)
        #expect(watch.remaining(of: .seconds(3_600), at: .seconds(10)) == .seconds(3_600))
        #expect(watch.note(offset: 100.5, at: .seconds(20)) == false)
        #expect(watch.remaining(of: .seconds(3_600), at: .seconds(20)) == .seconds(3_590))
        #expect(watch.note(offset: 40, at: .seconds(30)) == true)
        #expect(watch.remaining(of: .seconds(3_600), at: .seconds(40)) == .seconds(3_590))
    }
}

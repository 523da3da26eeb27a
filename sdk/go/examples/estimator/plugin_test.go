package plugin

import (
	"testing"

	"jackfield/estimating"
	"jackfield/mock"
)

func TestAHandleTimeForEachAgentAndPlaceInLine(t *testing.T) {
	ask := mock.EstimateAsk()
	ask.Position, ask.Agents, ask.RecentHandlesMs = 4, 2, []uint32{100_000, 140_000}
	told := Estimate(ask).Ok().Some()
	if want := (estimating.WaitEstimate{P50Ms: 240_000, P90Ms: 480_000}); told != want {
		t.Errorf("told %v", told)
	}
}

func TestWithoutHandleTimesItCannotTell(t *testing.T) {
	if told := Estimate(mock.EstimateAsk()).Ok(); told.IsSome() {
		t.Errorf("told %v", told.Some())
	}
}

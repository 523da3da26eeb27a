package plugin

import (
	"slices"
	"testing"

	"jackfield/mock"
)

func TestTheHighestLevelComesFirstEqualsByIdleTime(t *testing.T) {
	mock.New(t)
	answer := Choose(mock.Ask(
		mock.Candidate("ann", 3, 9000), mock.Candidate("bob", 8, 1000), mock.Candidate("cat", 8, 2000),
	)).Ok()
	if order := answer.Decision.Offer(); !slices.Equal(order, []string{"cat", "bob", "ann"}) {
		t.Errorf("offered to %v", order)
	}
	if level := answer.Because[1].F1; level != "8" {
		t.Errorf("because of level %s", level)
	}
}

func TestItSaysHowManyThereWere(t *testing.T) {
	host := mock.New(t)
	Choose(mock.Ask(mock.Candidate("ann", 5, 0)))
	if want := []string{"debug: 1 agents could take 0000000000000"}; !slices.Equal(host.Logged, want) {
		t.Errorf("logged %v", host.Logged)
	}
}

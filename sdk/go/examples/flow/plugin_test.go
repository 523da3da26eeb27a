package plugin

import (
	"slices"
	"testing"

	"jackfield/mock"
	"jackfield/session"
)

func TestTwoIsSupport(t *testing.T) {
	mock.New(t)
	customer := mock.Customer{Keys: []string{"2"}}
	if answer := Run(customer.Session()); answer.IsErr() {
		t.Fatalf("answered %v", answer.Err())
	}
	want := []string{
		"answer", "play For sales press 1, for support press 2.", "pressed 2", "enqueue support",
		"hang up served",
	}
	if !slices.Equal(customer.Lines, want) {
		t.Errorf("the customer had %q", customer.Lines)
	}
	if chosen := customer.Attributes["chosen"]; chosen != "support" {
		t.Errorf("chosen is %q", chosen)
	}
}

func TestWhoIsNotServedHearsSo(t *testing.T) {
	host := mock.New(t)
	end := session.MakeQueueEndTimedOut()
	customer := mock.Customer{Ends: &end}
	Run(customer.Session())
	if !slices.Contains(customer.Lines, "say Nobody is free. Please call again later.") {
		t.Errorf("the customer had %q", customer.Lines)
	}
	if want := []string{"info: the stay in sales ended: unserved"}; !slices.Equal(host.Logged, want) {
		t.Errorf("logged %v", host.Logged)
	}
}

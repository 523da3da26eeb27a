package plugin

import (
	"slices"
	"strings"
	"testing"

	"jackfield/conversation"
	"jackfield/mock"
	"jackfield/types"
)

// answer says what is done at a turn after so many misses, in words.
func answer(text string, misses string) []string {
	kept := types.Attribute{F0: "misses", F1: misses}
	words := []string{}
	for _, action := range TakeTurn(mock.Turn(text, kept)).Ok().Actions {
		switch action.Tag() {
		case conversation.ActionSay:
			words = append(words, action.Say())
		case conversation.ActionSetAttribute:
			words = append(words, action.SetAttribute().F0+"="+action.SetAttribute().F1)
		case conversation.ActionHandOver:
			words = append(words, "person: "+action.HandOver().Summary)
		}
	}
	return words
}

func TestAnswers(t *testing.T) {
	mock.New(t)
	for _, one := range []struct {
		text, misses string
		want         []string
	}{
		{"", "0", []string{"Hello! Ask me about our opening hours."}},
		{"When are you OPEN?", "1", []string{"We are open from 9 to 18.", "misses=0"}},
		{"blue", "", []string{"I did not understand that. Shall I get a person?", "misses=1"}},
		{"blue", "1", []string{"person: The bot did not understand the customer twice: blue"}},
		{"An Agent, please", "0", []string{"person: The customer asked for a person: An Agent, please"}},
	} {
		if got := answer(one.text, one.misses); !slices.Equal(got, one.want) {
			t.Errorf("%q is answered %q", one.text, got)
		}
	}
	if long := answer(strings.Repeat("ж", 5000), "1"); len(long[0]) > 1000 {
		t.Errorf("a summary of %d bytes", len(long[0]))
	}
}

func TestHoursAreASetting(t *testing.T) {
	mock.New(t).Settings["hours"] = "Always."
	if got := answer("Your hours?", "0")[0]; got != "Always." {
		t.Errorf("answered %q", got)
	}
}

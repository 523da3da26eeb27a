package plugin

import (
	"testing"

	"jackfield/analysis"
	"jackfield/mock"
	"jackfield/wit"
)

func findings(said ...analysis.Utterance) analysis.Findings {
	transcript := mock.Transcript(said...)
	transcript.Questions = []analysis.Question{{Id: "greeted", Answers: []string{"yes", "no"}}}
	return Analyse(transcript).Ok()
}

func TestHowTheCustomerFeltIsInTheCustomersWords(t *testing.T) {
	for text, want := range map[string]wit.Option[float64]{
		"Thanks, that was GREAT!": wit.Some(1.0),
		"It is good, but broken":  wit.Some(0.0),
		"Terrible!":               wit.Some(-1.0),
		"My number is twelve":     wit.None[float64](),
	} {
		agent := mock.Said(analysis.SpeakerAgent, "That is bad")
		if felt := findings(mock.Said(analysis.SpeakerCustomer, text), agent).Sentiment; felt != want {
			t.Errorf("%q felt %v", text, felt)
		}
	}
}

func TestBillsAreATopic(t *testing.T) {
	topics := findings(
		mock.Said(analysis.SpeakerCustomer, "My bill is wrong"), mock.Said(analysis.SpeakerAgent, "Oh"),
	).Topics
	if len(topics) != 1 || topics[0] != (analysis.Topic{Name: "billing", Score: 0.5}) {
		t.Errorf("the topics are %v", topics)
	}
	if topics := findings(mock.Said(analysis.SpeakerCustomer, "A billion")).Topics; len(topics) > 0 {
		t.Errorf("the topics are %v", topics)
	}
}

func TestTheFormIsAnsweredByTheAgentsFirstWords(t *testing.T) {
	customer := mock.Said(analysis.SpeakerCustomer, "Hello?")
	yes := findings(customer, mock.Said(analysis.SpeakerAgent, "Hello, this is Anna")).Answers
	if len(yes) != 1 || yes[0].Answer != "yes" || yes[0].Evidence != wit.Some(uint32(1)) {
		t.Errorf("answered %v", yes)
	}
	if no := findings(customer).Answers; no[0].Answer != "no" || no[0].Evidence.IsSome() {
		t.Errorf("answered %v", no)
	}
	if unasked := Analyse(mock.Transcript(customer)).Ok().Answers; len(unasked) > 0 {
		t.Errorf("answered %v", unasked)
	}
}

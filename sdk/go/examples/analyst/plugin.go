// Package plugin reads a conversation by its words: how the customer felt, whether it was about a bill,
// whether the agent said hello.
package plugin

import (
	"slices"
	"strings"
	"unicode"

	"jackfield/analysis"
	"jackfield/types"
	"jackfield/wit"
)

var (
	good = []string{"thank", "thanks", "great", "good", "helpful"}
	bad  = []string{"bad", "broken", "angry", "terrible", "refund"}
	bill = []string{"invoice", "bill"}
)

// Analyse reads one conversation.
func Analyse(transcript analysis.Transcript) wit.Result[analysis.Findings, types.PluginError] {
	return wit.Ok[analysis.Findings, types.PluginError](analysis.Findings{
		Sentiment: sentiment(transcript), Topics: topics(transcript), Answers: answers(transcript),
	})
}

// count says how many words of a text are among these.
func count(text string, among ...string) int {
	between := func(letter rune) bool { return !unicode.IsLetter(letter) && !unicode.IsDigit(letter) }
	found := 0
	for _, word := range strings.FieldsFunc(strings.ToLower(text), between) {
		if slices.Contains(among, word) {
			found++
		}
	}
	return found
}

// sentiment goes from -1 to 1; none if no word of the customer's shows it.
func sentiment(transcript analysis.Transcript) wit.Option[float64] {
	well, badly := 0, 0
	for _, one := range transcript.Utterances {
		if one.Speaker == analysis.SpeakerCustomer {
			well += count(one.Text, good...)
			badly += count(one.Text, bad...)
		}
	}
	if well+badly == 0 {
		return wit.None[float64]()
	}
	return wit.Some(float64(well-badly) / float64(well+badly))
}

// topics has the share of utterances that name a bill.
func topics(transcript analysis.Transcript) []analysis.Topic {
	about := 0
	for _, one := range transcript.Utterances {
		if count(one.Text, bill...) > 0 {
			about++
		}
	}
	if about == 0 {
		return nil
	}
	share := float64(about) / float64(len(transcript.Utterances))
	return []analysis.Topic{{Name: "billing", Score: share}}
}

// answers says whether the agent began with hello, if a form asks.
func answers(transcript analysis.Transcript) []analysis.FormAnswer {
	asked := slices.IndexFunc(transcript.Questions, func(one analysis.Question) bool { return one.Id == "greeted" })
	first := slices.IndexFunc(transcript.Utterances, func(one analysis.Utterance) bool {
		return one.Speaker == analysis.SpeakerAgent
	})
	answer, evidence := "no", wit.None[uint32]()
	if first >= 0 {
		evidence = wit.Some(uint32(first))
		if count(transcript.Utterances[first].Text, "hello") > 0 {
			answer = "yes"
		}
	}
	if asked < 0 {
		return nil
	}
	if possible := transcript.Questions[asked].Answers; len(possible) > 0 && !slices.Contains(possible, answer) {
		return nil
	}
	return []analysis.FormAnswer{{Question: "greeted", Answer: answer, Confidence: 0.9, Evidence: evidence}}
}

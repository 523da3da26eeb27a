//go:build !wasm

package mock

import (
	"jackfield/analysis"
	"jackfield/channels"
	"jackfield/connecting"
	"jackfield/conversation"
	"jackfield/estimating"
	"jackfield/pacing"
	"jackfield/routing"
	"jackfield/types"
	"jackfield/webhook"
	"jackfield/wit"
)

// Candidate returns an agent with ordinary values but for these; the others may be set afterwards.
func Candidate(agent string, level uint8, idleMs uint32) routing.Candidate {
	return routing.Candidate{Agent: agent, Level: level, IdleMs: idleMs}
}

// Ask returns a router's question about a call in the queue `sales`, with ordinary values; they may be
// set afterwards.
func Ask(candidates ...routing.Candidate) routing.Ask {
	return routing.Ask{
		Contact:    routing.Waiting{Id: "0000000000000", Channel: types.ChannelVoice, Queue: "sales"},
		Candidates: candidates,
		Queue: routing.QueueView{
			Queue: "sales", Waiting: 1, AgentsReady: 1, ServiceLevel: 1, TargetShare: 0.8,
			TargetWithinMs: 20_000, LastOffered: wit.None[string](),
		},
		Seed: 1,
	}
}

// EstimateAsk returns an estimator's question with ordinary values; they may be set afterwards.
func EstimateAsk() estimating.EstimateAsk {
	return estimating.EstimateAsk{
		Id: "0000000000000", Channel: types.ChannelVoice, Queue: "sales", Position: 1, Agents: 1,
	}
}

// Turn returns a chatbot's turn in a chat in English: the customer has just written `text`.
func Turn(text string, attributes ...types.Attribute) conversation.Turn {
	return conversation.Turn{
		Id: "0000000000000", Channel: types.ChannelChat, Language: "en", Text: text, Attributes: attributes,
	}
}

// Incoming returns a webhook with this body, as JSON.
func Incoming(body string, headers ...types.Attribute) webhook.Incoming {
	headers = append([]types.Attribute{{F0: "content-type", F1: "application/json"}}, headers...)
	return webhook.Incoming{Method: "POST", Headers: headers, Body: []byte(body)}
}

// Outgoing returns a message to a customer of a channel, part of a conversation.
func Outgoing(to string, text string) channels.Outgoing {
	return channels.Outgoing{Id: wit.Some("0000000000000"), To: to, Text: text}
}

// Event returns something that happened to a call.
func Event(kind string) connecting.Event {
	return connecting.Event{
		Kind: kind, Id: "0000000000000", Channel: types.ChannelVoice, Queue: wit.Some("sales"),
	}
}

// Said returns what one speaker (`analysis.SpeakerCustomer`) said, for a Transcript.
func Said(speaker analysis.Speaker, text string) analysis.Utterance {
	return analysis.Utterance{Speaker: speaker, Text: text}
}

// Transcript returns a call in which this was said; no form has a question.
func Transcript(said ...analysis.Utterance) analysis.Transcript {
	return analysis.Transcript{
		Id: "0000000000000", Channel: types.ChannelVoice, Language: "en", Utterances: said,
	}
}

// Campaign returns a campaign in which nothing has happened yet: 3 in 100 answered calls may be abandoned.
func Campaign(agentsIdle uint32) pacing.Campaign {
	return pacing.Campaign{
		Name: "spring", AgentsIdle: agentsIdle, NumbersLeft: 1000, LinesFree: 100, AbandonedMax: 0.03, Seed: 1,
	}
}

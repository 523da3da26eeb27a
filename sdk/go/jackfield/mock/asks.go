//go:build !wasm

package mock

import (
	"jackfield/estimating"
	"jackfield/routing"
	"jackfield/types"
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

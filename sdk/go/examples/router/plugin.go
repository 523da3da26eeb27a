// Package plugin decides who serves a waiting contact: the highest level in the queue first, then the
// longest idle.
package plugin

import (
	"cmp"
	"slices"
	"strconv"

	"jackfield/log"
	"jackfield/routing"
	"jackfield/types"
	"jackfield/wit"
)

// Choose answers one question of the engine.
func Choose(ask routing.Ask) wit.Result[routing.Answer, types.PluginError] {
	// Equals by name, so that a replay decides the same.
	slices.SortFunc(ask.Candidates, func(a, b routing.Candidate) int {
		return cmp.Or(
			cmp.Compare(b.Level, a.Level), cmp.Compare(b.IdleMs, a.IdleMs), cmp.Compare(a.Agent, b.Agent),
		)
	})
	agents := make([]string, len(ask.Candidates))
	for at, one := range ask.Candidates {
		agents[at] = one.Agent
	}
	log.Write(log.LevelDebug, strconv.Itoa(len(agents))+" agents could take "+ask.Contact.Id)
	return wit.Ok[routing.Answer, types.PluginError](routing.Answer{
		Decision: routing.MakeDecisionOffer(agents),
		Because: []types.Attribute{
			{F0: "rule", F1: "highest-level"},
			{F0: "level", F1: strconv.Itoa(int(ask.Candidates[0].Level))},
		},
	})
}

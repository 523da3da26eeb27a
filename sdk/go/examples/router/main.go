// Decides who serves a waiting contact: the highest level in the queue first, then the longest idle.
package main

import (
	"sort"
	"strconv"

	"go.bytecodealliance.org/cm"

	routerguest "example-router/internal/jackfield/plugin/router-guest"
	"example-router/internal/jackfield/queueing/routing"
	"example-router/internal/jackfield/types/types"
)

func init() {
	routerguest.Exports.Choose = choose
}

func choose(ask routerguest.Ask) (answer cm.Result[routerguest.AnswerShape, routerguest.Answer, routerguest.PluginError]) {
	order := ask.Candidates.Slice()
	sort.SliceStable(order, func(a, b int) bool { return better(order[a], order[b]) })
	agents := make([]routing.AgentID, len(order))
	for at, one := range order {
		agents[at] = one.Agent
	}
	answer.SetOK(routing.Answer{
		Decision: routing.DecisionOffer(cm.ToList(agents)),
		Because: cm.ToList([]types.Attribute{
			{"rule", "highest-level"},
			{"level", strconv.Itoa(int(order[0].Level))},
		}),
	})
	return answer
}

// Equals by name, so that a replay decides the same.
func better(a, b routing.Candidate) bool {
	if a.Level != b.Level {
		return a.Level > b.Level
	}
	if a.IdleMs != b.IdleMs {
		return a.IdleMs > b.IdleMs
	}
	return a.Agent < b.Agent
}

func main() {}

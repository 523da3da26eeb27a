// Says how long a waiting contact will wait: everybody ahead, and the contact, need an agent to become
// free, and one does so every mean handle time / agents.
package main

import (
	"go.bytecodealliance.org/cm"

	estimatorguest "example-estimator/internal/jackfield/plugin/estimator-guest"
	"example-estimator/internal/jackfield/queueing/estimating"
)

func init() {
	estimatorguest.Exports.Estimate = estimate
}

func estimate(ask estimatorguest.EstimateAsk) (answer cm.Result[estimatorguest.OptionWaitEstimateShape, cm.Option[estimatorguest.WaitEstimate], estimatorguest.PluginError]) {
	handles := ask.RecentHandlesMs.Slice()
	if len(handles) == 0 || ask.Agents == 0 {
		answer.SetOK(cm.None[estimatorguest.WaitEstimate]())
		return answer
	}
	sum := 0.0
	for _, one := range handles {
		sum += float64(one)
	}
	ahead := 0.0
	if ask.AgentsReady < ask.Position {
		ahead = float64(ask.Position - ask.AgentsReady)
	}
	wait := uint32(ahead*sum/float64(len(handles))/float64(ask.Agents) + 0.5)
	answer.SetOK(cm.Some(estimating.WaitEstimate{P50Ms: wait, P90Ms: 2 * wait}))
	return answer
}

func main() {}

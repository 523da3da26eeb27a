// Package plugin says how long a waiting contact will wait: everybody ahead, and the contact, need an
// agent to become free, and one does so every mean handle time / agents.
package plugin

import (
	"math"

	"jackfield/estimating"
	"jackfield/types"
	"jackfield/wit"
)

type estimate = wit.Option[estimating.WaitEstimate]

// Estimate answers one question of the engine; none if it cannot tell.
func Estimate(ask estimating.EstimateAsk) wit.Result[estimate, types.PluginError] {
	if len(ask.RecentHandlesMs) == 0 || ask.Agents == 0 {
		return wit.Ok[estimate, types.PluginError](wit.None[estimating.WaitEstimate]())
	}
	sum := 0.0
	for _, one := range ask.RecentHandlesMs {
		sum += float64(one)
	}
	mean := sum / float64(len(ask.RecentHandlesMs))
	ahead := max(0, float64(ask.Position)-float64(ask.AgentsReady))
	// The contract keeps numbers of 32 bits; half of them, so that the double fits too.
	wait := uint32(min(math.Round(ahead*mean/float64(ask.Agents)), math.MaxInt32))
	told := estimating.WaitEstimate{P50Ms: wait, P90Ms: 2 * wait}
	return wit.Ok[estimate, types.PluginError](wit.Some(told))
}

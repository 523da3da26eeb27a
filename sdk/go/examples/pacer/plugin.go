// Package plugin places so many calls for each idle agent, and one for each while too many customers are
// left without an agent.
package plugin

import (
	"strconv"

	"jackfield/pacing"
	"jackfield/settings"
	"jackfield/types"
	"jackfield/wit"
)

// When to be asked again, in milliseconds.
const againMs = 1000

// Decide answers one question of the engine.
func Decide(campaign pacing.Campaign) wit.Result[pacing.Pace, types.PluginError] {
	text := settings.Get("per-agent").SomeOr("1.5")
	perAgent, err := strconv.ParseFloat(text, 64)
	if err != nil || !(perAgent >= 1 && perAgent <= 5) {
		why := "`per-agent` is a number from 1 to 5, not `" + text + "`"
		return wit.Err[pacing.Pace](types.MakePluginErrorConfiguration(why))
	}
	// At least one for each: `per-agent` is not below 1.
	wanted, rule := uint64(float64(campaign.AgentsIdle)*perAgent), "per-agent"
	if float64(campaign.Abandoned) > campaign.AbandonedMax*float64(campaign.Answered) {
		wanted, rule = uint64(campaign.AgentsIdle), "abandon-limit"
	}
	// Calls under way were placed at an earlier question.
	underWay := uint64(campaign.Dialling) + uint64(campaign.Waiting)
	dial := min(wanted-min(wanted, underWay), 1<<32-1)
	return wit.Ok[pacing.Pace, types.PluginError](pacing.Pace{
		Dial: uint32(dial), AgainMs: againMs, Because: []types.Attribute{{F0: "rule", F1: rule}},
	})
}

// Package plugin is the version after the guest `router-remembers`: it keeps its count as four bytes, the
// least first, and takes over the text.
package plugin

import (
	"encoding/binary"
	"strconv"

	"jackfield/migration"
	"jackfield/routing"
	"jackfield/state"
	"jackfield/types"
	"jackfield/wit"
)

// Migrate takes over what the version before has kept. What is no count is a panic.
func Migrate(entries []migration.Entry) wit.Result[[]migration.Entry, string] {
	for at, entry := range entries {
		count, err := strconv.Atoi(string(entry.Value))
		if err != nil {
			panic("it is no count")
		}
		entries[at].Value = binary.LittleEndian.AppendUint32(nil, uint32(count))
	}
	return wit.Ok[[]migration.Entry, string](entries)
}

// Choose answers one question of the engine.
func Choose(ask routing.Ask) wit.Result[routing.Answer, types.PluginError] {
	failed := func(why string) wit.Result[routing.Answer, types.PluginError] {
		return wit.Err[routing.Answer](types.MakePluginErrorUnavailable(why))
	}
	answer := routing.Answer{Decision: routing.MakeDecisionOffer([]string{ask.Candidates[0].Agent})}
	kept := state.Get("count")
	if kept.IsErr() {
		// Without state, as in the test at an installation, it does what it can.
		return wit.Ok[routing.Answer, types.PluginError](answer)
	}
	next := uint32(1)
	if bytes := kept.Ok().SomeOr(nil); len(bytes) == 4 {
		next += binary.LittleEndian.Uint32(bytes)
	} else if bytes != nil {
		return failed("the count has another form")
	}
	if state.Set("count", binary.LittleEndian.AppendUint32(nil, next), wit.None[uint32]()).IsErr() {
		return failed("not kept")
	}
	answer.Because = []types.Attribute{{F0: "count", F1: strconv.Itoa(int(next)) + " in bytes"}}
	return wit.Ok[routing.Answer, types.PluginError](answer)
}

// Package plugin says when one is open, and fetches a person for everything else.
package plugin

import (
	"strconv"
	"strings"

	"jackfield/conversation"
	"jackfield/settings"
	"jackfield/types"
	"jackfield/wit"
)

// TakeTurn answers what the customer has just written.
func TakeTurn(turn conversation.Turn) wit.Result[conversation.Reply, types.PluginError] {
	return wit.Ok[conversation.Reply, types.PluginError](reply(turn))
}

func reply(turn conversation.Turn) conversation.Reply {
	said := strings.ToLower(strings.TrimSpace(turn.Text))
	has := func(one, other string) bool { return strings.Contains(said, one) || strings.Contains(said, other) }
	switch {
	case said == "":
		return because("greeting", conversation.MakeActionSay("Hello! Ask me about our opening hours."))
	case has("person", "agent"):
		return fetch("The customer asked for a person", turn)
	case has("open", "hours"):
		hours := settings.Get("hours").SomeOr("We are open from 9 to 18.")
		return because("hours", conversation.MakeActionSay(hours), remember(0))
	case misses(turn) > 0:
		return fetch("The bot did not understand the customer twice", turn)
	default:
		sorry := conversation.MakeActionSay("I did not understand that. Shall I get a person?")
		return because("not-understood", sorry, remember(1))
	}
}

func because(rule string, actions ...conversation.Action) conversation.Reply {
	return conversation.Reply{Actions: actions, Because: []types.Attribute{{F0: "rule", F1: rule}}}
}

func misses(turn conversation.Turn) int {
	for _, kept := range turn.Attributes {
		if kept.F0 == "misses" {
			count, _ := strconv.Atoi(kept.F1)
			return count
		}
	}
	return 0
}

// Each turn has a fresh instance: what the next one is to know is kept on the conversation.
func remember(misses int) conversation.Action {
	return conversation.MakeActionSetAttribute(types.Attribute{F0: "misses", F1: strconv.Itoa(misses)})
}

func fetch(why string, turn conversation.Turn) conversation.Reply {
	// The agent reads it at a glance, and the contract keeps 2,000 bytes.
	wrote := []rune(turn.Text)
	wrote = wrote[:min(len(wrote), 200)]
	order := conversation.HandOver{Summary: why + ": " + string(wrote)}
	return because("person", conversation.MakeActionHandOver(order))
}

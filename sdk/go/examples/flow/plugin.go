// Package plugin leads a customer through a menu of two queues.
package plugin

import (
	"jackfield/log"
	"jackfield/session"
	"jackfield/types"
	"jackfield/wit"
)

var (
	which    = []session.Prompt{session.MakePromptText("For sales press 1, for support press 2.")}
	oneDigit = session.GatherOptions{
		MinDigits: 1, MaxDigits: 1, Terminator: wit.Some('#'), FirstDigitTimeoutMs: 5000,
		NextDigitTimeoutMs: 3000, BargeIn: true,
	}
)

// Run leads one contact.
func Run(contact *session.Session) wit.Result[wit.Unit, types.PluginError] {
	contact.Answer()
	queue := "sales"
	pressed := contact.Gather(which, oneDigit)
	if pressed.IsOk() && pressed.Ok().Tag() == session.GatheredInput && pressed.Ok().Input() == "2" {
		queue = "support"
	}
	contact.SetAttribute("chosen", queue)
	end := contact.Enqueue(queue, session.QueueOptions{})
	how := "unserved"
	if end.IsOk() && end.Ok().Tag() == session.QueueEndServed {
		how = "served"
	}
	log.Write(log.LevelInfo, "the stay in "+queue+" ended: "+how)
	if how != "served" {
		contact.Say("Nobody is free. Please call again later.")
	}
	contact.HangUp(wit.Some(how))
	return wit.Ok[wit.Unit, types.PluginError](wit.Unit{})
}

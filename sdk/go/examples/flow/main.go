// Leads a customer through a menu of two queues.
package main

import (
	"go.bytecodealliance.org/cm"

	flowguest "example-flow/internal/jackfield/plugin/flow-guest"
	"example-flow/internal/jackfield/telephony/session"
)

func init() {
	flowguest.Exports.Run = run
}

func run(contact flowguest.Session) (answer cm.Result[flowguest.PluginError, struct{}, flowguest.PluginError]) {
	contact.Answer()
	which := session.PromptText("For sales press 1, for support press 2.")
	pressed := contact.Gather(cm.ToList([]session.Prompt{which}), session.GatherOptions{
		MinDigits: 1, MaxDigits: 1, Terminator: cm.Some('#'), FirstDigitTimeoutMs: 5000,
		NextDigitTimeoutMs: 3000, BargeIn: true,
	})
	queue := "sales"
	if given := pressed.OK(); given != nil && given.Input() != nil && *given.Input() == "2" {
		queue = "support"
	}
	contact.SetAttribute("chosen", queue)
	end := contact.Enqueue(queue, session.QueueOptions{})
	if how := end.OK(); how == nil || !how.Served() {
		contact.Say("Nobody is free. Please call again later.")
	}
	contact.HangUp(cm.Some("done"))
	return answer
}

func main() {}

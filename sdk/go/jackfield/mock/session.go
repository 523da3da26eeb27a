//go:build !wasm

package mock

import (
	"strings"

	"jackfield/session"
	"jackfield/types"
	"jackfield/wit"
)

// Customer is who a flow leads.
type Customer struct {
	// What the customer enters, one for each question.
	Keys []string
	// How the stay in a queue ends; served if it is not set.
	Ends *session.QueueEnd
	// The customer's number; none if empty.
	From string
	// Whether queues are closed.
	Closed bool
	// What happened to the customer, a line each.
	Lines []string
	// What the flow has set.
	Attributes map[string]string
	// The language, `en` if it is not set.
	Tag string
}

// Session returns the session of a customer, for a flow's `Run`.
func (customer *Customer) Session() *session.Session {
	if customer.Attributes == nil {
		customer.Attributes = map[string]string{}
	}
	return session.NewSession(speaking{customer})
}

type speaking struct{ *Customer }

type done = wit.Result[wit.Unit, session.SessionError]

func (customer speaking) did(words ...string) done {
	customer.Lines = append(customer.Lines, strings.TrimSpace(strings.Join(words, " ")))
	return wit.Ok[wit.Unit, session.SessionError](wit.Unit{})
}

func (customer speaking) Id() string             { return "0000000000000" }
func (customer speaking) Channel() types.Channel { return types.ChannelVoice }
func (customer speaking) Dialled() string        { return "100" }

func (customer speaking) Caller() wit.Option[string] {
	if customer.From == "" {
		return wit.None[string]()
	}
	return wit.Some(customer.From)
}

func (customer speaking) Language() string {
	if customer.Tag == "" {
		return "en"
	}
	return customer.Tag
}

func (customer speaking) SetLanguage(tag string) done {
	customer.Tag = tag
	return wit.Ok[wit.Unit, session.SessionError](wit.Unit{})
}

func (customer speaking) Attribute(name string) wit.Option[string] {
	value, set := customer.Attributes[name]
	if !set {
		return wit.None[string]()
	}
	return wit.Some(value)
}

func (customer speaking) SetAttribute(name string, value string) done {
	customer.Attributes[name] = value
	return wit.Ok[wit.Unit, session.SessionError](wit.Unit{})
}

func (customer speaking) Answer() done         { return customer.did("answer") }
func (customer speaking) Say(text string) done { return customer.did("say", text) }

func (customer speaking) Play(prompts []session.Prompt) done {
	for _, one := range prompts {
		switch one.Tag() {
		case session.PromptText:
			customer.did("play", one.Text())
		case session.PromptNamed:
			customer.did("play", one.Named())
		default:
			customer.did("pause")
		}
	}
	return wit.Ok[wit.Unit, session.SessionError](wit.Unit{})
}

func (customer speaking) Gather(
	prompts []session.Prompt, _ session.GatherOptions,
) wit.Result[session.Gathered, session.SessionError] {
	customer.Play(prompts)
	if len(customer.Keys) == 0 {
		customer.did("nothing pressed")
		return wit.Ok[session.Gathered, session.SessionError](session.MakeGatheredNothing())
	}
	key := customer.Keys[0]
	customer.Keys = customer.Keys[1:]
	customer.did("pressed", key)
	return wit.Ok[session.Gathered, session.SessionError](session.MakeGatheredInput(key))
}

func (customer speaking) Record(_, _ uint32) wit.Result[session.Recorded, session.SessionError] {
	kept := session.Recorded{LengthMs: 1000, Name: "recording"}
	return wit.Ok[session.Recorded, session.SessionError](kept)
}

func (customer speaking) Enqueue(
	queue string, _ session.QueueOptions,
) wit.Result[session.QueueEnd, session.SessionError] {
	customer.did("enqueue", queue)
	end := session.MakeQueueEndServed()
	if customer.Ends != nil {
		end = *customer.Ends
	}
	return wit.Ok[session.QueueEnd, session.SessionError](end)
}

func (customer speaking) Callback(queue string, _ session.CallbackOptions) done {
	return customer.did("callback", queue)
}

func (customer speaking) IsOpen(string) wit.Result[bool, session.SessionError] {
	return wit.Ok[bool, session.SessionError](!customer.Closed)
}

func (customer speaking) Transfer(destination string) done {
	return customer.did("transfer", destination)
}

func (customer speaking) SendDigits(digits string) done { return customer.did("send", digits) }

func (customer speaking) HangUp(reason wit.Option[string]) {
	customer.did("hang up", reason.SomeOr(""))
}

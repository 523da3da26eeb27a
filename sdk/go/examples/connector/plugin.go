// Package plugin posts what happens to another system as JSON, and asks it for customers.
package plugin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"jackfield/connecting"
	"jackfield/metrics"
	"jackfield/outbound"
	"jackfield/settings"
	"jackfield/types"
	"jackfield/webhook"
	"jackfield/wit"
)

type (
	problem = types.PluginError
	done    = wit.Result[wit.Unit, problem]
	data    = map[string]any
)

// HandleEvent tells what happened.
func HandleEvent(event connecting.Event) done {
	return onlyTell("event", data{
		"kind": event.Kind, "id": event.Id, "at_seconds": event.AtSeconds,
		"queue": orNull(event.Queue), "agent": orNull(event.Agent), "address": orNull(event.Address),
	})
}

// FindContact asks for a customer by number or e-mail.
func FindContact(address string) wit.Result[wit.Option[connecting.Customer], problem] {
	none := wit.None[connecting.Customer]()
	answer, why := ask(outbound.MethodGet, "?address="+url.QueryEscape(address), nil)
	if why != nil {
		return wit.Err[wit.Option[connecting.Customer]](*why)
	}
	if answer.Status == 404 {
		return wit.Ok[wit.Option[connecting.Customer], problem](none)
	}
	var told struct {
		Id                     any
		Name                   string
		Language, Segment, Url *string
	}
	if json.Unmarshal(answer.Body, &told) != nil || idText(told.Id) == "" || told.Name == "" {
		why := types.MakePluginErrorFailed("the customer has no `id` or no `name`")
		return wit.Err[wit.Option[connecting.Customer]](why)
	}
	return wit.Ok[wit.Option[connecting.Customer], problem](wit.Some(connecting.Customer{
		Id: idText(told.Id), Name: told.Name, Language: option(told.Language),
		Segment: option(told.Segment), Url: option(told.Url),
	}))
}

// CreateLead tells of somebody who may become a customer.
func CreateLead(lead connecting.Lead) wit.Result[string, problem] {
	id, why := tell("lead", data{
		"interaction": orNull(lead.Interaction), "address": lead.Address, "name": orNull(lead.Name),
		"text": lead.Text,
	})
	if why != nil {
		return wit.Err[string](*why)
	}
	if id == "" {
		return wit.Err[string](types.MakePluginErrorFailed("the answer to a lead has no `id`"))
	}
	return wit.Ok[string, problem](id)
}

// LogInteraction tells of a contact that is over.
func LogInteraction(log connecting.InteractionLog) wit.Result[wit.Option[string], problem] {
	id, why := tell("log", data{
		"id": log.Id, "customer": orNull(log.Customer), "address": orNull(log.Address),
		"queue": orNull(log.Queue), "agent": orNull(log.Agent), "started_seconds": log.StartedSeconds,
		"waited_ms": log.WaitedMs, "talked_ms": log.TalkedMs, "outcome": log.Outcome,
	})
	if why != nil {
		return wit.Err[wit.Option[string]](*why)
	}
	if id == "" {
		return wit.Ok[wit.Option[string], problem](wit.None[string]())
	}
	return wit.Ok[wit.Option[string], problem](wit.Some(id))
}

// AttachRecording tells where a recording is.
func AttachRecording(recording connecting.Recording) done {
	return onlyTell("recording", data{
		"interaction": recording.Interaction, "entry": orNull(recording.Entry), "url": recording.Url,
		"length_ms": recording.LengthMs,
	})
}

// Receive takes a request of the other system. Nobody has checked who sent it: a connector that does more
// than this checks first.
func Receive(webhook.Incoming) wit.Result[webhook.Reply, problem] {
	return wit.Ok[webhook.Reply, problem](webhook.Reply{Status: 204})
}

// RunSchedule does what is due.
func RunSchedule() done {
	metrics.Add("schedules", 1)
	return wit.Ok[wit.Unit, problem](wit.Unit{})
}

func onlyTell(what string, told data) done {
	if _, why := tell(what, told); why != nil {
		return wit.Err[wit.Unit](*why)
	}
	return wit.Ok[wit.Unit, problem](wit.Unit{})
}

// tell posts one message; returns what the other system calls it, if it says so.
func tell(what string, told data) (string, *problem) {
	body, _ := json.Marshal(data{"type": what, "data": told})
	answer, why := ask(outbound.MethodPost, "", body)
	if why != nil {
		return "", why
	}
	var answered struct{ Id any }
	_ = json.Unmarshal(answer.Body, &answered)
	return idText(answered.Id), nil
}

// ask sends a request to the setting `url` with the bearer; the answer is one of 200 to 299 or 404.
func ask(method outbound.Method, query string, body []byte) (outbound.Response, *problem) {
	where := settings.Get("url")
	if where.IsNone() {
		why := types.MakePluginErrorConfiguration("`url` is not set")
		return outbound.Response{}, &why
	}
	answered := outbound.Send(outbound.Request{
		Method: method,
		Url:    where.Some() + query,
		Headers: []types.Attribute{
			{F0: "content-type", F1: "application/json"},
			// The host puts the secret in: the plugin never holds it.
			{F0: "authorization", F1: "Bearer {{secret:token}}"},
		},
		Body: body,
	})
	if answered.IsErr() {
		why := unreached(answered.Err())
		return outbound.Response{}, &why
	}
	answer := answered.Ok()
	why := fmt.Sprintf("it answered %d", answer.Status)
	switch status := answer.Status; {
	case status >= 200 && status <= 299, status == 404:
		return answer, nil
	case status == 408 || status == 429 || status >= 500:
		// Tried again.
		later := types.MakePluginErrorUnavailable(why)
		return answer, &later
	default:
		failed := types.MakePluginErrorFailed(why)
		return answer, &failed
	}
}

func unreached(why outbound.HttpError) problem {
	switch why.Tag() {
	case outbound.HttpErrorInvalid:
		return types.MakePluginErrorConfiguration(why.Invalid())
	case outbound.HttpErrorNotAllowed:
		return types.MakePluginErrorConfiguration(why.NotAllowed())
	case outbound.HttpErrorLimit:
		return types.MakePluginErrorUnavailable("limit reached: " + why.Limit())
	case outbound.HttpErrorUnreachable:
		return types.MakePluginErrorUnavailable(why.Unreachable())
	default:
		return types.MakePluginErrorUnavailable("it took too long")
	}
}

// idText is what the other system calls it: a text or a number, else nothing.
func idText(id any) string {
	switch id := id.(type) {
	case string:
		return id
	case float64:
		return strconv.FormatFloat(id, 'f', -1, 64)
	default:
		return ""
	}
}

func orNull(value wit.Option[string]) any {
	if value.IsNone() {
		return nil
	}
	return value.Some()
}

func option(value *string) wit.Option[string] {
	if value == nil {
		return wit.None[string]()
	}
	return wit.Some(*value)
}

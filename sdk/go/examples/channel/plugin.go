// Package plugin brings messages in and out as JSON: another system posts what customers write, and is
// posted what they are answered.
package plugin

import (
	"encoding/json"
	"errors"
	"fmt"

	"jackfield/channels"
	"jackfield/outbound"
	"jackfield/secrets"
	"jackfield/settings"
	"jackfield/types"
	"jackfield/webhook"
	"jackfield/wit"
)

// Both sides know the secret of this name.
const secret = "token"

// Describe says what the channel can do.
func Describe() wit.Result[channels.Capabilities, types.PluginError] {
	told := channels.Capabilities{Kind: types.ChannelMessage, TextBytesMax: 4000}
	return wit.Ok[channels.Capabilities, types.PluginError](told)
}

// Receive reads what a webhook brought.
func Receive(request webhook.Incoming) wit.Result[channels.Received, types.PluginError] {
	token := ""
	for _, header := range request.Headers {
		if header.F0 == "x-token" {
			token = header.F1
		}
	}
	// Anybody may post: nothing is believed before this.
	known := secrets.Equals(secret, token)
	if known.IsErr() {
		why := types.MakePluginErrorConfiguration("there is no secret `" + secret + "`")
		return wit.Err[channels.Received](why)
	}
	if !known.Ok() {
		return replied(401, map[string]string{"error": "`x-token` is wrong"})
	}
	message, err := read(request.Body)
	if err != nil {
		return replied(400, map[string]string{"error": err.Error()})
	}
	return replied(200, map[string]string{"taken": message.Id}, channels.MakeEventMessage(message))
}

func replied(
	status uint16, body any, events ...channels.Event,
) wit.Result[channels.Received, types.PluginError] {
	text, _ := json.Marshal(body)
	headers := []types.Attribute{{F0: "content-type", F1: "application/json"}}
	reply := webhook.Reply{Status: status, Headers: headers, Body: text}
	return wit.Ok[channels.Received, types.PluginError](channels.Received{Reply: reply, Events: events})
}

// read takes `{"from", "id", "text"}`, or says what is wrong with it.
func read(body []byte) (channels.Message, error) {
	var told struct{ From, Id, Text string }
	if err := json.Unmarshal(body, &told); err != nil {
		return channels.Message{}, fmt.Errorf("no such JSON: %w", err)
	}
	if told.From == "" || told.Id == "" || told.Text == "" {
		return channels.Message{}, errors.New("`from`, `id`, `text`: texts that are not empty are accepted")
	}
	return channels.Message{Id: told.Id, From: told.From, Text: told.Text}, nil
}

// Send posts one message.
func Send(message channels.Outgoing) wit.Result[channels.Receipt, types.PluginError] {
	url := settings.Get("url")
	if url.IsNone() {
		return wit.Err[channels.Receipt](types.MakePluginErrorConfiguration("`url` is not set"))
	}
	told := map[string]any{"to": message.To, "id": nil, "text": message.Text}
	if message.Id.IsSome() {
		told["id"] = message.Id.Some()
	}
	body, _ := json.Marshal(told)
	answer := outbound.Send(outbound.Request{
		Method: outbound.MethodPost,
		Url:    url.Some(),
		Headers: []types.Attribute{
			{F0: "content-type", F1: "application/json"},
			// The host puts the secret in: the plugin never holds it.
			{F0: "authorization", F1: "Bearer {{secret:" + secret + "}}"},
		},
		Body: body,
	})
	if answer.IsErr() {
		return wit.Err[channels.Receipt](unreached(answer.Err()))
	}
	return receipt(answer.Ok(), message.Id.SomeOr("unnamed"))
}

// receipt is what an answer comes to; `unnamed` is what the message is called if the answer has no name.
func receipt(answer outbound.Response, unnamed string) wit.Result[channels.Receipt, types.PluginError] {
	why := fmt.Sprintf("it answered %d", answer.Status)
	switch status := answer.Status; {
	case status >= 200 && status <= 299:
		told := struct{ Id string }{}
		if json.Unmarshal(answer.Body, &told) != nil || told.Id == "" {
			told.Id = unnamed
		}
		return wit.Ok[channels.Receipt, types.PluginError](channels.Receipt{Id: told.Id, State: "accepted"})
	case status == 408 || status == 429 || status >= 500:
		// Tried again.
		return wit.Err[channels.Receipt](types.MakePluginErrorUnavailable(why))
	default:
		return wit.Err[channels.Receipt](types.MakePluginErrorFailed(why))
	}
}

func unreached(why outbound.HttpError) types.PluginError {
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

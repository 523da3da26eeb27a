package plugin

import (
	"slices"
	"testing"

	"jackfield/channels"
	"jackfield/mock"
	"jackfield/types"
)

func posted(token string, body string) channels.Received {
	return Receive(mock.Incoming(body, types.Attribute{F0: "x-token", F1: token})).Ok()
}

func TestWhoKnowsTheTokenBringsAMessage(t *testing.T) {
	mock.New(t).Secrets["token"] = "t0ken"
	body := `{"from":"v1","id":"7","text":"hello"}`
	received := posted("t0ken", body)
	if message := received.Events[0].Message(); received.Reply.Status != 200 ||
		message.From != "v1" || message.Id != "7" || message.Text != "hello" {
		t.Errorf("received %v", received)
	}
	if received := posted("guess", body); received.Reply.Status != 401 || len(received.Events) > 0 {
		t.Errorf("received %v", received)
	}
	for _, wrong := range []string{"", "[]", `{"from":"v1","id":7,"text":"x"}`, `{"from":"v1","id":"7"}`} {
		if received := posted("t0ken", wrong); received.Reply.Status != 400 || len(received.Events) > 0 {
			t.Errorf("%s is received as %v", wrong, received)
		}
	}
}

func TestAnAnswerIsPostedWithTheNameOfTheSecret(t *testing.T) {
	host := mock.New(t)
	host.Settings["url"], host.Secrets["token"] = "https://a.example/in", "t0ken"
	host.Answers = []mock.Answer{{Status: 200, Body: `{"id":"m1"}`}}
	if receipt := Send(mock.Outgoing("v1", "Good day")).Ok(); receipt.Id != "m1" || receipt.State != "accepted" {
		t.Errorf("the receipt is %v", receipt)
	}
	sent := host.Requests[0]
	if body := string(sent.Body); body != `{"id":"0000000000000","text":"Good day","to":"v1"}` {
		t.Errorf("posted %s", body)
	}
	bearer := types.Attribute{F0: "authorization", F1: "Bearer {{secret:token}}"}
	if !slices.Contains(sent.Headers, bearer) {
		t.Errorf("the headers are %v", sent.Headers)
	}
}

func TestWhatMayGoBetterLaterIsUnavailable(t *testing.T) {
	host := mock.New(t)
	host.Settings["url"], host.Secrets["token"] = "https://a.example/in", "t0ken"
	host.Answers = []mock.Answer{{Status: 503}, {Status: 422}}
	// The third reaches nobody.
	for _, want := range []uint8{
		types.PluginErrorUnavailable, types.PluginErrorFailed, types.PluginErrorUnavailable,
	} {
		if failed := Send(mock.Outgoing("v1", "Good day")).Err(); failed.Tag() != want {
			t.Errorf("failed with %d, not %d", failed.Tag(), want)
		}
	}
}

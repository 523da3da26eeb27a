package plugin

import (
	"slices"
	"testing"

	"jackfield/connecting"
	"jackfield/mock"
	"jackfield/types"
)

func begin(t *testing.T, answers ...mock.Answer) *mock.Host {
	host := mock.New(t)
	host.Settings["url"], host.Secrets["token"] = "https://crm.example/in", "t0ken"
	host.Answers = answers
	return host
}

func TestWhatHappensIsPosted(t *testing.T) {
	host := begin(t, mock.Answer{Status: 204})
	if told := HandleEvent(mock.Event("arrived")); told.IsErr() {
		t.Fatalf("refused: %v", told.Err())
	}
	sent := host.Requests[0]
	want := `{"data":{"address":null,"agent":null,"at_seconds":0,"id":"0000000000000","kind":"arrived",` +
		`"queue":"sales"},"type":"event"}`
	if string(sent.Body) != want {
		t.Errorf("posted %s", sent.Body)
	}
	if !slices.Contains(sent.Headers, types.Attribute{F0: "authorization", F1: "Bearer {{secret:token}}"}) {
		t.Errorf("the headers are %v", sent.Headers)
	}
}

func TestCustomersAreFoundOrNot(t *testing.T) {
	host := begin(
		t, mock.Answer{Status: 200, Body: `{"id":7,"name":"Eva"}`}, mock.Answer{Status: 404}, mock.Answer{Status: 503},
	)
	if found := FindContact("+371200").Ok().Some(); found.Id != "7" || found.Name != "Eva" {
		t.Errorf("found %v", found)
	}
	if url := host.Requests[0].Url; url != "https://crm.example/in?address=%2B371200" {
		t.Errorf("asked %s", url)
	}
	if found := FindContact("nobody").Ok(); found.IsSome() {
		t.Errorf("found %v", found.Some())
	}
	if why := FindContact("nobody").Err(); why.Tag() != types.PluginErrorUnavailable {
		t.Errorf("failed with %d", why.Tag())
	}
}

func TestALeadHasTheIdOfTheOtherSystem(t *testing.T) {
	begin(t, mock.Answer{Status: 201, Body: `{"id":"L1"}`}, mock.Answer{Status: 201, Body: `{}`})
	lead := connecting.Lead{Address: "+371200", Text: "a call back"}
	if id := CreateLead(lead).Ok(); id != "L1" {
		t.Errorf("it is called %q", id)
	}
	if why := CreateLead(lead).Err(); why.Tag() != types.PluginErrorFailed {
		t.Errorf("failed with %d", why.Tag())
	}
}

func TestWebhooksAndSchedulesAreTaken(t *testing.T) {
	host := begin(t)
	if status := Receive(mock.Incoming("{}")).Ok().Status; status != 204 {
		t.Errorf("answered %d", status)
	}
	RunSchedule()
	if count := host.Counters["schedules"]; count != 1 {
		t.Errorf("counted %d", count)
	}
}

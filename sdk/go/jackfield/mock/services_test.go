package mock

import (
	"encoding/hex"
	"slices"
	"testing"

	"jackfield/crmaddress"
	"jackfield/crmread"
	"jackfield/crmsegment"
	"jackfield/messaging"
	"jackfield/outbound"
	"jackfield/secrets"
	"jackfield/settings"
	"jackfield/types"
)

func TestSettingsAndSecretsAreWhatTheTestSays(t *testing.T) {
	host := New(t)
	host.Settings["b"], host.Settings["a"], host.Secrets["key"] = "2", "1", "Jefe"
	want := []types.Attribute{{F0: "a", F1: "1"}, {F0: "b", F1: "2"}}
	if settings.Get("a").Some() != "1" || settings.Get("c").IsSome() || !slices.Equal(settings.All(), want) {
		t.Errorf("settings are %v", settings.All())
	}
	// Case 2 of RFC 4231.
	data := []byte("what do ya want for nothing?")
	code := secrets.HmacSha256("key", data).Ok()
	if hex.EncodeToString(code[:8]) != "5bdcc146bf60754e" {
		t.Errorf("the code is %x", code)
	}
	if !secrets.VerifyHmacSha256("key", data, code).Ok() || secrets.VerifyHmacSha256("key", nil, code).Ok() {
		t.Error("codes are not told apart")
	}
	if !secrets.Equals("key", "Jefe").Ok() || secrets.Equals("key", "jefe").Ok() || secrets.Known("other") {
		t.Error("secrets are not told apart")
	}
	if secrets.Equals("other", "").IsOk() || secrets.HmacSha256("other", nil).IsOk() {
		t.Error("a secret that is not there was used")
	}
}

func TestRequestsAreAnsweredInOrder(t *testing.T) {
	host := New(t)
	host.Secrets["token"] = "t0ken"
	late := outbound.MakeHttpErrorTimeout()
	host.Answers = []Answer{{Status: 200, Body: "{}"}, {Fails: &late}}
	request := outbound.Request{Headers: []types.Attribute{{F0: "x", F1: "{{secret:token}}"}}}
	if response := outbound.Send(request).Ok(); response.Status != 200 || string(response.Body) != "{}" {
		t.Errorf("answered %v", response)
	}
	for _, want := range []uint8{outbound.HttpErrorTimeout, outbound.HttpErrorUnreachable} {
		if failed := outbound.Send(request).Err(); failed.Tag() != want {
			t.Errorf("failed with %d, not %d", failed.Tag(), want)
		}
	}
	unknown := outbound.Request{Headers: []types.Attribute{{F0: "x", F1: "{{secret:other}}"}}}
	if failed := outbound.Send(unknown).Err(); failed.Tag() != outbound.HttpErrorInvalid {
		t.Errorf("failed with %d", failed.Tag())
	}
	if len(host.Requests) != 3 || host.Requests[0].Headers[0].F1 != "{{secret:token}}" {
		t.Errorf("sent %v", host.Requests)
	}
}

func TestCustomersAreKnownAndWrittenTo(t *testing.T) {
	host := New(t)
	host.Channels = []string{"web"}
	host.Cards["+371200"] = crmread.Card{Id: "c1", Name: "Eva"}
	host.Addresses["c1"] = crmaddress.Addresses{Phones: []string{"+371200"}}
	if kind := crmsegment.Kind("+371200").Ok(); kind.Id != "c1" {
		t.Errorf("it is %v", kind)
	}
	if crmsegment.Kind("nobody").IsOk() || crmaddress.Of("nobody").IsOk() {
		t.Error("nobody is known")
	}
	if phones := crmaddress.Of("c1").Ok().Phones; !slices.Equal(phones, []string{"+371200"}) {
		t.Errorf("reached at %v", phones)
	}
	if receipt := messaging.Send("web", "v1", "hello", nil).Ok(); receipt.Id != "1" {
		t.Errorf("the receipt is %v", receipt)
	}
	if messaging.Send("sms", "v1", "hello", nil).IsOk() || !slices.Equal(host.Sent, []string{"web v1: hello"}) {
		t.Errorf("sent %v", host.Sent)
	}
}

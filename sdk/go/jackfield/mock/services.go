//go:build !wasm

package mock

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"jackfield/crmaddress"
	"jackfield/crmread"
	"jackfield/crmsegment"
	"jackfield/messaging"
	"jackfield/outbound"
	"jackfield/secrets"
	"jackfield/types"
	"jackfield/wit"
)

// Answer is what a request is answered: with a status, or not at all if Fails is set.
type Answer struct {
	Status uint16
	Body   string
	Fails  *outbound.HttpError
}

type configuring struct{ *Host }

func (host configuring) Get(name string) wit.Option[string] {
	value, set := host.Settings[name]
	if !set {
		return wit.None[string]()
	}
	return wit.Some(value)
}

func (host configuring) All() []types.Attribute {
	all := []types.Attribute{}
	for _, name := range slices.Sorted(maps.Keys(host.Settings)) {
		all = append(all, types.Attribute{F0: name, F1: host.Settings[name]})
	}
	return all
}

type hiding struct{ *Host }

func (host hiding) Known(name string) bool {
	_, known := host.Secrets[name]
	return known
}

func (host hiding) HmacSha256(name string, data []uint8) wit.Result[[]uint8, secrets.SecretError] {
	if !host.Known(name) {
		return wit.Err[[]uint8](secrets.MakeSecretErrorUnknownName(name))
	}
	code := hmac.New(sha256.New, []byte(host.Secrets[name]))
	code.Write(data)
	return wit.Ok[[]uint8, secrets.SecretError](code.Sum(nil))
}

func (host hiding) VerifyHmacSha256(
	name string, data []uint8, code []uint8,
) wit.Result[bool, secrets.SecretError] {
	right := host.HmacSha256(name, data)
	if right.IsErr() {
		return wit.Err[bool](right.Err())
	}
	return wit.Ok[bool, secrets.SecretError](hmac.Equal(right.Ok(), code))
}

func (host hiding) Equals(name string, candidate string) wit.Result[bool, secrets.SecretError] {
	if !host.Known(name) {
		return wit.Err[bool](secrets.MakeSecretErrorUnknownName(name))
	}
	return wit.Ok[bool, secrets.SecretError](host.Secrets[name] == candidate)
}

type asking struct{ *Host }

var secretName = regexp.MustCompile(`\{\{secret:(.*?)\}\}`)

func (host asking) Send(request outbound.Request) wit.Result[outbound.Response, outbound.HttpError] {
	texts := ""
	for _, header := range request.Headers {
		texts += "\n" + header.F1
	}
	for _, named := range secretName.FindAllStringSubmatch(texts, -1) {
		if _, known := host.Secrets[named[1]]; !known {
			why := "there is no secret `" + named[1] + "`: add it to `secrets` of the plugin's entry"
			return wit.Err[outbound.Response](outbound.MakeHttpErrorInvalid(why))
		}
	}
	host.Requests = append(host.Requests, request)
	if len(host.Answers) == 0 {
		why := outbound.MakeHttpErrorUnreachable("the test has no answer left")
		return wit.Err[outbound.Response](why)
	}
	next := host.Answers[0]
	host.Answers = host.Answers[1:]
	if next.Fails != nil {
		return wit.Err[outbound.Response](*next.Fails)
	}
	response := outbound.Response{Status: next.Status, Body: []byte(next.Body)}
	return wit.Ok[outbound.Response, outbound.HttpError](response)
}

type posting struct{ *Host }

func (host posting) Send(
	channel string, to string, text string, _ []types.Attribute,
) wit.Result[messaging.Receipt, messaging.MessagingError] {
	if !slices.Contains(host.Channels, channel) {
		return wit.Err[messaging.Receipt](messaging.MakeMessagingErrorUnknownChannel(channel))
	}
	host.Sent = append(host.Sent, channel+" "+to+": "+text)
	receipt := messaging.Receipt{Id: fmt.Sprint(len(host.Sent)), State: "accepted"}
	return wit.Ok[messaging.Receipt, messaging.MessagingError](receipt)
}

type sorting struct{ *Host }

func (host sorting) Kind(address string) wit.Result[crmsegment.CustomerKind, crmread.CrmError] {
	card := reading{host.Host}.Find(address)
	if card.IsErr() {
		return wit.Err[crmsegment.CustomerKind](card.Err())
	}
	one := card.Ok()
	kind := crmsegment.CustomerKind{Id: one.Id, Segment: one.Segment, Language: one.Language}
	return wit.Ok[crmsegment.CustomerKind, crmread.CrmError](kind)
}

type reaching struct{ *Host }

func (host reaching) Of(contact string) wit.Result[crmaddress.Addresses, crmread.CrmError] {
	addresses, known := host.Addresses[contact]
	if !known {
		return wit.Err[crmaddress.Addresses](crmread.MakeCrmErrorNotFound())
	}
	return wit.Ok[crmaddress.Addresses, crmread.CrmError](addresses)
}

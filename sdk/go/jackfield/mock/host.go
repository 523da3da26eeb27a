//go:build !wasm

// Package mock stands in the place of the host in unit tests: what a plugin calls is answered here, and
// written down.
//
//	func TestIt(t *testing.T) {
//		host := mock.New(t)
//		answer := Choose(mock.Ask(mock.Candidate("ann", 3, 9000)))
//		…
//	}
package mock

import (
	"bytes"
	"testing"

	"jackfield/clock"
	"jackfield/crmaddress"
	"jackfield/crmhistory"
	"jackfield/crmread"
	"jackfield/crmsegment"
	"jackfield/crmwrite"
	"jackfield/log"
	"jackfield/messaging"
	"jackfield/metrics"
	"jackfield/outbound"
	"jackfield/secrets"
	"jackfield/settings"
	"jackfield/state"
	"jackfield/types"
	"jackfield/wit"
)

// Host is a host that remembers what was asked of it. There is one at a time: tests that have one do not
// run in parallel.
type Host struct {
	// Lines the plugin logged, as `info: text`.
	Logged []string
	// Sums of its counters.
	Counters map[string]uint32
	// Its observations, by distribution.
	Observed map[string][]float64
	// Its state.
	State map[string][]byte
	// Customers the CRM knows, by address; `Upsert` adds to them.
	Cards map[string]crmread.Card
	// Where customers are reached, by what the CRM calls them.
	Addresses map[string]crmaddress.Addresses
	// What the tenant's configuration says to the plugin.
	Settings map[string]string
	// The plugin's secrets, by name.
	Secrets map[string]string
	// What requests are answered, the next one first; without one nobody is reached.
	Answers []Answer
	// Requests the plugin sent. Secrets stand in them as it wrote them: `{{secret:NAME}}`.
	Requests []outbound.Request
	// The tenant's channels.
	Channels []string
	// Messages the plugin sent, as `channel to: text`.
	Sent []string
	// Notes the plugin took.
	Notes []string
	// Earlier contacts of the customer who waits, latest first.
	History []crmhistory.PastContact
	// Engine time, in seconds.
	Seconds float64
	// The wall clock.
	Civil clock.Civil
	// What `clock.Random` answers, one after the other, then 0.5.
	Chances []float64
}

// New puts a new host in the place of the host until the test ends.
func New(t testing.TB) *Host {
	t.Helper()
	host := &Host{
		Counters: map[string]uint32{}, Observed: map[string][]float64{}, State: map[string][]byte{},
		Cards: map[string]crmread.Card{}, Addresses: map[string]crmaddress.Addresses{},
		Settings: map[string]string{}, Secrets: map[string]string{},
	}
	log.Mock, metrics.Mock, clock.Mock = logging{host}, measuring{host}, telling{host}
	state.Mock, crmhistory.Mock = keeping{host}, past{host}
	crmread.Mock, crmwrite.Mock = reading{host}, writing{host}
	crmsegment.Mock, crmaddress.Mock = sorting{host}, reaching{host}
	settings.Mock, secrets.Mock = configuring{host}, hiding{host}
	outbound.Mock, messaging.Mock = asking{host}, posting{host}
	t.Cleanup(func() {
		log.Mock, metrics.Mock, clock.Mock = nil, nil, nil
		state.Mock, crmhistory.Mock, crmread.Mock, crmwrite.Mock = nil, nil, nil, nil
		crmsegment.Mock, crmaddress.Mock, settings.Mock = nil, nil, nil
		secrets.Mock, outbound.Mock, messaging.Mock = nil, nil, nil
	})
	return host
}

type logging struct{ *Host }

func (host logging) Write(level log.Level, message string) {
	names := map[log.Level]string{
		log.LevelDebug: "debug", log.LevelInfo: "info", log.LevelWarn: "warn", log.LevelError: "error",
	}
	host.Logged = append(host.Logged, names[level]+": "+message)
}

type measuring struct{ *Host }

func (host measuring) Add(counter string, amount uint32) {
	host.Counters[counter] += amount
}

func (host measuring) Observe(distribution string, value float64) {
	host.Observed[distribution] = append(host.Observed[distribution], value)
}

type telling struct{ *Host }

func (host telling) NowSeconds() float64 {
	return host.Seconds
}

func (host telling) Utc() clock.Civil {
	return host.Civil
}

func (host telling) Random() float64 {
	if len(host.Chances) == 0 {
		return 0.5
	}
	next := host.Chances[0]
	host.Chances = host.Chances[1:]
	return next
}

type keeping struct{ *Host }

func (host keeping) Get(key string) wit.Result[wit.Option[[]uint8], state.StateError] {
	value, kept := host.State[key]
	if !kept {
		return wit.Ok[wit.Option[[]uint8], state.StateError](wit.None[[]uint8]())
	}
	return wit.Ok[wit.Option[[]uint8], state.StateError](wit.Some(bytes.Clone(value)))
}

func (host keeping) Set(
	key string, value []uint8, _ wit.Option[uint32],
) wit.Result[wit.Unit, state.StateError] {
	host.State[key] = bytes.Clone(value)
	return wit.Ok[wit.Unit, state.StateError](wit.Unit{})
}

func (host keeping) CompareAndSet(
	key string, expected wit.Option[[]uint8], value []uint8,
) wit.Result[bool, state.StateError] {
	kept, there := host.State[key]
	same := there == expected.IsSome() && (!there || bytes.Equal(kept, expected.Some()))
	if same {
		host.State[key] = bytes.Clone(value)
	}
	return wit.Ok[bool, state.StateError](same)
}

type past struct{ *Host }

func (host past) Recent() []crmhistory.PastContact {
	return host.History
}

type reading struct{ *Host }

func (host reading) Find(address string) wit.Result[crmread.Card, crmread.CrmError] {
	card, known := host.Cards[address]
	if !known {
		return wit.Err[crmread.Card](crmread.MakeCrmErrorNotFound())
	}
	return wit.Ok[crmread.Card, crmread.CrmError](card)
}

type writing struct{ *Host }

func (host writing) Upsert(
	address string, name wit.Option[string], fields []types.Attribute,
) wit.Result[string, crmread.CrmError] {
	card := host.Cards[address]
	card.Id, card.Name = address, name.SomeOr(card.Name)
	card.Fields = append(card.Fields, fields...)
	host.Cards[address] = card
	return wit.Ok[string, crmread.CrmError](card.Id)
}

func (host writing) Note(
	contact string, _ wit.Option[string], text string,
) wit.Result[wit.Unit, crmread.CrmError] {
	host.Notes = append(host.Notes, contact+": "+text)
	return wit.Ok[wit.Unit, crmread.CrmError](wit.Unit{})
}

package plugin

import (
	"math"
	"testing"

	"jackfield/mock"
	"jackfield/types"
)

func TestCallsArePlacedForIdleAgents(t *testing.T) {
	host := mock.New(t)
	campaign := mock.Campaign(5)
	dials := func(want uint32) {
		t.Helper()
		if dial := Decide(campaign).Ok().Dial; dial != want {
			t.Errorf("dials %d, not %d", dial, want)
		}
	}
	dials(7)
	campaign.Dialling, campaign.Waiting = 4, 1
	dials(2)
	campaign.Dialling = math.MaxUint32
	dials(0)
	host.Settings["per-agent"] = "2"
	campaign = mock.Campaign(5)
	dials(10)
}

func TestTooManyAbandonedCallsSlowItDown(t *testing.T) {
	mock.New(t)
	for abandoned, want := range map[uint32]uint32{3: 6, 4: 4} {
		campaign := mock.Campaign(4)
		campaign.Answered, campaign.Abandoned = 100, abandoned
		if dial := Decide(campaign).Ok().Dial; dial != want {
			t.Errorf("dials %d after %d were abandoned", dial, abandoned)
		}
	}
}

func TestASettingThatMakesNoSenseIsNamed(t *testing.T) {
	mock.New(t).Settings["per-agent"] = "many"
	if why := Decide(mock.Campaign(1)).Err(); why.Tag() != types.PluginErrorConfiguration {
		t.Errorf("refused with %d", why.Tag())
	}
}

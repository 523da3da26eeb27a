"""Says how many outbound calls to place.

Some for each idle agent, while few customers are left without one.
"""

import math

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import settings
from wit_world.imports.pacing import Campaign, Pace
from wit_world.imports.types import PluginError_Configuration

#: When to ask again at the latest.
AGAIN_MS = 1000


class PacerGuest(exports.PacerGuest):
    def decide(self, campaign: Campaign) -> Pace:
        idle = campaign.agents_idle
        too_many = campaign.abandoned_max * campaign.answered < campaign.abandoned
        calls = idle if too_many else math.floor(idle * per_agent())
        # Those that ring already, and who waits for an agent, are among them.
        more = max(0, calls - campaign.dialling - campaign.waiting)
        return Pace(
            dial=min(more, campaign.lines_free), again_ms=AGAIN_MS,
            because=[("rule", "abandon-limit" if too_many else "per-agent"), ("agents", str(idle))],
        )


def per_agent() -> float:
    text = settings.get("per-agent") or "1.5"
    try:
        calls = float(text)
    except ValueError:
        calls = math.nan
    if not 1 <= calls <= 5:
        raise Err(PluginError_Configuration(f"`per-agent` is a number from 1 to 5, not `{text}`"))
    return calls

"""Says how long a waiting contact will wait.

Everybody ahead, and the contact, need an agent to become free, and one does so every mean handle
time / agents.
"""

from typing import Optional

from wit_world import exports
from wit_world.imports.estimating import EstimateAsk, WaitEstimate


class EstimatorGuest(exports.EstimatorGuest):
    def estimate(self, ask: EstimateAsk) -> Optional[WaitEstimate]:
        handles = ask.recent_handles_ms
        if not handles or ask.agents == 0:
            return None
        mean = sum(handles) / len(handles)
        ahead = max(0, ask.position - ask.agents_ready)
        wait = round(ahead * mean / ask.agents)
        return WaitEstimate(p50_ms=wait, p90_ms=2 * wait)

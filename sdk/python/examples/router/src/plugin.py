"""Decides who serves a waiting contact: the highest level in the queue first, then the longest idle."""

from wit_world import exports
from wit_world.imports import log
from wit_world.imports.routing import Answer, Ask, Decision_Offer


class RouterGuest(exports.RouterGuest):
    def choose(self, ask: Ask) -> Answer:
        order = sorted(ask.candidates, key=lambda one: (-one.level, -one.idle_ms, one.agent))
        log.write(log.Level.DEBUG, f"{len(order)} agents could take {ask.contact.id}")
        return Answer(
            decision=Decision_Offer([one.agent for one in order]),
            because=[("rule", "highest-level"), ("level", str(order[0].level))],
            scores=[],
        )

"""Tells the opening hours, and fetches a person for the rest."""

from wit_world import exports
from wit_world.imports import settings
from wit_world.imports.conversation import (
    Action_HandOver, Action_Say, Action_SetAttribute, HandOver, Reply, Turn,
)

GREETING = "Hello! Ask me about our opening hours."
HOURS = "We are open from 9 to 18."
UNKNOWN = "I did not understand that. Shall I get a person?"
#: Attribute of the conversation: questions in a row that were not understood.
MISSES = "misses"
#: Characters of the customer's that the agent reads first.
SUMMARY_CHARS = 200


class ChatbotGuest(exports.ChatbotGuest):
    def take_turn(self, turn: Turn) -> Reply:
        asked = turn.text.lower()
        if not asked.strip():
            return reply("greeting", Action_Say(GREETING))
        if "person" in asked or "agent" in asked:
            return hand_over("The customer asked for a person", turn)
        if "open" in asked or "hours" in asked:
            return reply("hours", Action_Say(settings.get("hours") or HOURS), missed(0))
        if dict(turn.attributes).get(MISSES, "0") not in ("", "0"):
            return hand_over("The bot did not understand the customer twice", turn)
        return reply("not-understood", Action_Say(UNKNOWN), missed(1))


def reply(rule: str, *actions) -> Reply:
    return Reply(actions=list(actions), because=[("rule", rule)])


def missed(count: int) -> Action_SetAttribute:
    return Action_SetAttribute((MISSES, str(count)))


def hand_over(why: str, turn: Turn) -> Reply:
    """Gives the conversation to a person, with what the customer wrote last."""
    summary = f"{why}: {turn.text[:SUMMARY_CHARS]}"
    order = HandOver(queue=None, summary=summary, required=[], priority=0, attributes=[])
    return reply("person", Action_HandOver(order))

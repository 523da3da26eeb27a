"""Leads a customer through a menu of two queues."""

from wit_world import exports
from wit_world.imports import log
from wit_world.imports.session import (
    GatherOptions, Gathered_Input, Prompt_Text, QueueEnd_Served, QueueOptions, Session,
)

WHICH = [Prompt_Text("For sales press 1, for support press 2.")]
ONE_DIGIT = GatherOptions(
    min_digits=1, max_digits=1, terminator="#", first_digit_timeout_ms=5000,
    next_digit_timeout_ms=3000, barge_in=True,
)
ORDINARY = QueueOptions(required=[], preferred=[], priority=0, max_wait_ms=None, attributes=[])


class FlowGuest(exports.FlowGuest):
    def run(self, session: Session) -> None:
        session.answer()
        pressed = session.gather(WHICH, ONE_DIGIT)
        support = isinstance(pressed, Gathered_Input) and pressed.value == "2"
        queue = "support" if support else "sales"
        session.set_attribute("chosen", queue)
        end = session.enqueue(queue, ORDINARY)
        served = isinstance(end, QueueEnd_Served)
        how = type(end).__name__.removeprefix("QueueEnd_")
        log.write(log.Level.INFO, f"the stay in {queue} ended: {how}")
        if not served:
            session.say("Nobody is free. Please call again later.")
        session.hang_up(how)

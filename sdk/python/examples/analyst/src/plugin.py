"""Reads a conversation that is over, by words: nothing is guessed that no word shows."""

import re
from typing import Optional

from wit_world import exports
from wit_world.imports.analysis import (
    Findings, FormAnswer, Question, Speaker, Topic, Transcript, Utterance,
)

GOOD = {"thank", "thanks", "great", "good", "helpful"}
BAD = {"bad", "broken", "angry", "terrible", "refund"}
BILLING = {"invoice", "bill"}

WORD = re.compile(r"\w+")


class AnalystGuest(exports.AnalystGuest):
    def analyse(self, transcript: Transcript) -> Findings:
        said = transcript.utterances
        asked = (question for question in transcript.questions if question.id == "greeted")
        answer = greeted(said, next(asked, None))
        return Findings(
            sentiment=sentiment(said), topics=billing(said), answers=[answer] if answer else [],
            summary=None, attributes=[],
        )


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def sentiment(said: list[Utterance]) -> Optional[float]:
    """The customer's good words less the bad ones, over both; `None` if there are neither."""
    theirs = [word for one in said if one.speaker == Speaker.CUSTOMER for word in words(one.text)]
    good, bad = (sum(word in known for word in theirs) for known in (GOOD, BAD))
    return (good - bad) / (good + bad) if good + bad else None


def billing(said: list[Utterance]) -> list[Topic]:
    """The share of utterances that are about bills."""
    about = sum(not BILLING.isdisjoint(words(one.text)) for one in said)
    return [Topic("billing", about / len(said))] if about else []


def greeted(said: list[Utterance], question: Optional[Question]) -> Optional[FormAnswer]:
    """Whether the agent began with hello; `None` if no form asks, or such an answer is none of its."""
    spoke = (place for place, one in enumerate(said) if one.speaker == Speaker.AGENT)
    first = next(spoke, None)
    hello = first is not None and "hello" in words(said[first].text)
    answer = "yes" if hello else "no"
    if question is None or question.answers and answer not in question.answers:
        return None
    return FormAnswer(question=question.id, answer=answer, confidence=0.9, evidence=first)

import type { Ask, Answer, Candidate, Decision } from 'jackfield:queueing/routing@0.1.0';
import type { Attribute, PluginError } from 'jackfield:types/types@0.1.0';

/** The value of an attribute; null if there is none or it is empty. */
export function attribute(attributes: Attribute[], name: string): string | null;
/** The level of an agent's skill, 0 without it. */
export function skill(candidate: Candidate, name: string): number;
/**
 * The candidates by keys, least first, compared place by place; equals longest idle first, then by
 * name, so that a replay decides the same.
 */
export function byKey(ask: Ask, key?: (one: Candidate) => (number | string)[]): Candidate[];
/** Offers the contact to the first of these candidates who is still free; reasons are kept with it. */
export function offer(candidates: Candidate[], because?: Record<string, unknown>): Answer;
/** Asks to be asked again after this many milliseconds, or when an agent becomes ready. */
export function wait(ms: number, because?: Record<string, unknown>): Answer;
/** Any decision, with its reasons. */
export function answer(decision: Decision, because?: Record<string, unknown>): Answer;
/** What an export throws when it cannot do its work. */
export function failure(tag: 'configuration' | 'unavailable' | 'failed', text: string): PluginError;

import type { Ask, Answer, Candidate, Decision } from 'jackfield:queueing/routing@0.1.0';

export { attribute, failure } from './common.js';

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

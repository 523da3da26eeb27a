import type { Ask, Candidate, QueueView, Waiting } from 'jackfield:queueing/routing@0.1.0';

/** The mock host: what a plugin calls is answered here, and written down. */
export const host: {
  /** Forgets everything; call it before each test. */
  reset(): void;
  logged: [string, string][];
  counters: Record<string, number>;
  observed: Record<string, number[]>;
  state: Map<string, Uint8Array>;
  cards: Map<string, unknown>;
  notes: { contact: string; interaction: string | null; text: string }[];
  history: unknown[];
  seconds: number;
  civil: Record<string, number>;
  chances: number[];
};
/** A candidate with ordinary values but for those given. */
export function candidate(agent: string, given?: Partial<Candidate>): Candidate;
/** A queue with ordinary values but for those given. */
export function queue(name: string, given?: Partial<QueueView>): QueueView;
/** A router's question. */
export function ask(
  candidates: Candidate[],
  given?: Partial<Omit<Ask, 'contact' | 'queue'>> & { contact?: Partial<Waiting>; queue?: Partial<QueueView> },
): Ask;
/** An estimator's question. */
export function estimateAsk(given?: Record<string, unknown>): any;
/** One contact in a flow. */
export class Session {
  constructor(given?: { keys?: string[]; ends?: string | object; caller?: string | null; open?: boolean });
  lines: string[];
  attributes: Map<string, string>;
  [word: string]: any;
}

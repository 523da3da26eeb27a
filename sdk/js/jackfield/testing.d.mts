import type { Transcript, Utterance } from 'jackfield:analysis/analysis@0.1.0';
import type { Outgoing } from 'jackfield:channels/channels@0.1.0';
import type { Event, InteractionLog, Lead, Recording } from 'jackfield:connecting/connecting@0.1.0';
import type { Turn } from 'jackfield:conversation/conversation@0.1.0';
import type { Incoming } from 'jackfield:http/webhook@0.1.0';
import type { Campaign } from 'jackfield:pacing/pacing@0.1.0';
import type { EstimateAsk } from 'jackfield:queueing/estimating@0.1.0';
import type { Ask, Candidate, QueueView, Waiting } from 'jackfield:queueing/routing@0.1.0';

/** A request that a plugin made, its body as text; secrets are not put in. */
export interface SentRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
  timeoutMs: number | null;
}
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
  addresses: Map<string, { phones: string[]; emails: string[] }>;
  history: unknown[];
  seconds: number;
  civil: Record<string, number>;
  chances: number[];
  settings: Record<string, string | number | boolean>;
  secrets: Record<string, string>;
  requests: SentRequest[];
  /** Answers a request, or throws the `http-error`: `{ tag: 'timeout' }`. */
  respond: (request: SentRequest) => { status: number; headers?: [string, string][]; body?: string };
  messages: { channel: string; to: string; text: string; attributes: [string, string][] }[];
  channels: string[];
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
export function estimateAsk(given?: Partial<EstimateAsk>): EstimateAsk;
/** A chatbot's turn, with what the customer has just written. */
export function turn(text: string, given?: Partial<Turn>): Turn;
/** A request that came in, for a channel or a connector; the body is text. */
export function incoming(body: string, given?: Partial<Incoming>): Incoming;
/** A message to a customer. */
export function outgoing(text: string, given?: Partial<Outgoing>): Outgoing;
/** An event of a connector. */
export function event(kind: string, given?: Partial<Event>): Event;
/** Somebody who may become a customer. */
export function lead(given?: Partial<Lead>): Lead;
/** A contact that is over. */
export function interactionLog(given?: Partial<InteractionLog>): InteractionLog;
/** A recording that is kept by the centre. */
export function recording(given?: Partial<Recording>): Recording;
/** A conversation that is over: a list of `[speaker, text]`, each of a second. */
export function transcript(said: [Utterance['speaker'], string][], given?: Partial<Transcript>): Transcript;
/** A pacer's question. */
export function campaign(given?: Partial<Campaign>): Campaign;
/** One contact in a flow. */
export class Session {
  constructor(given?: { keys?: string[]; ends?: string | object; caller?: string | null; open?: boolean });
  lines: string[];
  attributes: Map<string, string>;
  [word: string]: any;
}

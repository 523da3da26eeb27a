import type { Attribute, PluginError } from 'jackfield:types/types@0.1.0';

/** The value of an attribute; null if there is none or it is empty. */
export function attribute(attributes: Attribute[], name: string): string | null;
/** What an export throws when it cannot do its work. */
export function failure(tag: 'configuration' | 'unavailable' | 'failed', text: string): PluginError;

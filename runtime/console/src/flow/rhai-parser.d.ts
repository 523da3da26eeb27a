// Made of rhai.grammar at each build.
import type { LRParser } from '@lezer/lr'
export declare const parser: LRParser

import { z } from 'zod';
import type { EventContract } from '../envelope.js';
import { incompatibilities, type JsonSchema } from './schema-compatibility.js';

/** One version of an event's contract, as it was released. A file in `libs/contracts/released/`, never changed again. */
export interface ReleasedEvent {
  readonly type: string;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly owner: string;
  readonly topic: string;
  readonly key: string;
  /** Absent where its state topic keeps one event of the type for each aggregate. */
  readonly stateBy?: readonly string[] | undefined;
  readonly schema: JsonSchema;
}

export const ReleasedEvent = z.object({
  type: z.string(),
  version: z.int().positive(),
  owner: z.string(),
  topic: z.string(),
  key: z.string(),
  stateBy: z.array(z.string()).optional(),
  schema: z.record(z.string(), z.unknown()),
});

/** What goes over the wire, as JSON Schema (2020-12). */
export const schemaOf = ({ schema }: EventContract): JsonSchema =>
  z.toJSONSchema(schema, {
    // What a reader accepts: fields with a default may be missing, unknown ones are ignored.
    io: 'input',
    override: ({ jsonSchema }) => {
      // The pattern is zod's own way to check a format, and may change with its version.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  }) as JsonSchema;

/** The contract as the next version to be released; undefined when the last version says the same. */
export function nextRelease(contract: EventContract, released: readonly ReleasedEvent[]): ReleasedEvent | undefined {
  const { type, owner, topic, key, stateBy } = contract;
  const last = versionsOf(type, released).at(-1);
  const state = stateBy === undefined ? {} : { stateBy };
  const next = { type, version: (last?.version ?? 0) + 1, owner, topic, key, ...state, schema: schemaOf(contract) };
  return last !== undefined && textOf({ ...next, version: last.version }) === textOf(last) ? undefined : next;
}

/** Why contracts must not be released as they are. A breaking change takes a new type, published beside the old one. */
export function breakingChanges(contracts: readonly EventContract[], released: readonly ReleasedEvent[]): string[] {
  const byType = new Map(contracts.map((contract) => [contract.type, contract]));
  return released.flatMap((version) => {
    const contract = byType.get(version.type);
    const problems = contract === undefined ? ['is gone'] : changesOf(contract, version, released);
    return problems.map((problem) => `${version.type} (against version ${version.version}): ${problem}`);
  });
}

/** Types whose contract is not the last version that was released. */
export const unreleased = (contracts: readonly EventContract[], released: readonly ReleasedEvent[]): string[] =>
  contracts.flatMap((contract) => (nextRelease(contract, released) ? [contract.type] : []));

export const versionsOf = (type: string, released: readonly ReleasedEvent[]): ReleasedEvent[] =>
  released.filter((one) => one.type === type).toSorted((a, b) => a.version - b.version);

function changesOf(contract: EventContract, released: ReleasedEvent, all: readonly ReleasedEvent[]): string[] {
  const moved = (['owner', 'topic', 'key'] as const)
    .filter((part) => contract[part] !== released[part])
    .map((part) => `${part} was ${released[part]}, is ${contract[part]}`);
  const state = changesOfState(contract, released, versionsOf(released.type, all).at(-1) === released);
  return [...moved, ...state, ...incompatibilities(released.schema, schemaOf(contract))];
}

/**
 * Under another key, what was kept would never be superseded; with fewer fields, what is to be kept would be; and with
 * fields where there were none, what was told before would be missing: only the last of it was kept. A version without
 * any that was followed by one with some is history: it can't be helped any more.
 */
function changesOfState({ stateBy }: EventContract, released: ReleasedEvent, isLast: boolean): string[] {
  if (released.stateBy === undefined && !isLast) return [];
  const [was, is] = [released.stateBy?.join() ?? '', stateBy?.join() ?? ''];
  return was === is ? [] : [`stateBy was ${was || 'absent'}, is ${is || 'absent'}`];
}

export const textOf = (released: ReleasedEvent): string => `${JSON.stringify(released, null, 2)}\n`;

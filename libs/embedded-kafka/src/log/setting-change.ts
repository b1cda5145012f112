import { type ConfigValues, isListSetting, topicSettings } from './topic-config.js';

const Operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/** One step of IncrementalAlterConfigs (KIP-339). */
export interface SettingChange {
  readonly name: string;
  readonly operation: number;
  readonly value: string | null;
}

/** What a topic has set after the changes, or why they are refused. Values are not checked here, and no setting may stand in them twice. */
export function changeSettings(values: ConfigValues, changes: readonly SettingChange[]): ConfigValues | string {
  const next = new Map(Object.entries(values));
  for (const { name, operation, value } of changes) {
    if (operation === Operation.delete) {
      next.delete(name);
      continue;
    }
    if (value === null) return `Null value not supported for : ${name}`;
    if (operation === Operation.set) {
      next.set(name, value);
      continue;
    }
    if (operation !== Operation.append && operation !== Operation.subtract) return `Unknown operation ${operation}`;
    if (!isListSetting(name)) return `Nothing can be added to ${name} or taken from it: it is not a list.`;
    const given = partsOf(value);
    const current = partsOf(next.get(name) ?? topicSettings[name]?.fallback ?? '');
    const others = current.filter((part) => !given.includes(part));
    next.set(name, (operation === Operation.append ? [...others, ...given] : others).join(','));
  }
  return Object.fromEntries(next);
}

const partsOf = (list: string): string[] => list.split(',').filter((part) => part !== '');

import { z } from 'zod';
import type { DataFolder } from '../data/data-folder.js';
import { readIfThere, writeWhole } from '#embedded-disk';

const Port = z.number().int().min(1).max(65_535).optional();
const Ports = z.object({ kafka: Port, mongo: Port, paymentSandbox: Port });
/** Where things listened last, so that addresses which people noted stay true. */
export type Ports = z.infer<typeof Ports>;

const FILE = 'ports.json';

export function rememberedPorts(folder: DataFolder): Ports {
  try {
    return Ports.parse(JSON.parse(readIfThere(folder.path(FILE)) ?? '{}'));
  } catch {
    return {};
  }
}

export const rememberPorts = (folder: DataFolder, ports: Ports): void =>
  writeWhole(folder.path(FILE), `${JSON.stringify({ ...rememberedPorts(folder), ...ports })}\n`);

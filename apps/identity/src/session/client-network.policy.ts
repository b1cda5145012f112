import { isIPv6 } from 'node:net';

const GROUPS_OF_A_NETWORK = 4;

/**
 * What tries are counted for: an IPv4 address as it is, the /64 of an IPv6 address, all of which one client has at its
 * disposal (RFC 6177). IPv4 addresses that are written as IPv6 (`::ffff:192.0.2.1`) are what they are.
 */
export function clientNetwork(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = plain.split('::');
  const groups = groupsOf(head);
  const missing = tail === undefined ? 0 : 8 - groups.length - groupsOf(tail).length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...groupsOf(tail ?? '')];
  const network = all.slice(0, GROUPS_OF_A_NETWORK).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/** An IPv4 address at the end stands for two groups. */
const groupsOf = (part: string): string[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));

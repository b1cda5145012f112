import type { ApiClient } from '../api-client.js';
import { ApiError } from '../api.errors.js';
import { DiscardParked, ParkedEvents, ParkedGroups, ReplayParked, type ParkedPage } from './parked-documents.js';

/** Which parked events of a service are meant; the filter's names are those of the API. */
export interface ParkedSelection {
  readonly service: string;
  readonly filter: Readonly<Record<string, string>>;
}
type Print = (line: string) => void;
const NOTHING_FITS = 'nothing that is parked fits the filter';
const PAGE = 100;

/** False when a service did not answer. Errors: ApiError. */
export async function listGroups(client: ApiClient, service: string | undefined, print: Print): Promise<boolean> {
  const { parking } = await client.ask(ParkedGroups, { services: service === undefined ? null : [service] });
  for (const one of parking)
    for (const group of one.groups ?? []) {
      const { consumerGroup, fingerprint, events, lines, errorName, errorMessage } = group;
      print(`${one.service}  ${consumerGroup}  ${fingerprint || '-'}  ${events} events in ${lines} lines`);
      print(`    ${errorName}: ${firstLine(errorMessage)}`);
      print(`    ${group.eventTypes.join(', ')}; since ${group.firstParkedAt}; next try ${group.nextAt ?? '-'}`);
      print(`    for example ${group.sampleId}`);
      print(`    npm run events -- show ${filterOf(one.service, consumerGroup, fingerprint)}`);
    }
  const away = parking.filter(({ groups }) => groups === null);
  for (const one of away) print(`${one.service} did not answer, or the account lacks the platform role`);
  if (parking.every(({ groups }) => groups?.length === 0)) print('nothing is parked');
  return away.length === 0;
}

/** Errors: ApiError. */
export async function showEvents(client: ApiClient, selection: ParkedSelection, limit: number, print: Print) {
  let after: string | null = null;
  for (let left = limit; left > 0; left -= PAGE) {
    const page: ParkedPage = await pageOf(client, selection, Math.min(left, PAGE), after);
    if (after === null && page.nodes.length === 0) print(NOTHING_FITS);
    for (const event of page.nodes) showEvent(event, print);
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
  print('… and more: raise --limit or narrow the filter');
}

async function pageOf(
  client: ApiClient,
  { service, filter }: ParkedSelection,
  first: number,
  after: string | null,
): Promise<ParkedPage> {
  const { parking } = await client.ask(ParkedEvents, { services: [service], filter, first, after });
  const page = parking[0]?.events;
  if (!page) throw new ApiError(`${service} did not answer, or the account lacks the platform role`, 'FORBIDDEN');
  return page;
}

function showEvent(event: ParkedPage['nodes'][number], print: Print): void {
  print(`${event.id}\n    ${event.type} ${event.eventId}, key ${event.key}`);
  print(`    parked ${event.parkedAt}, ${event.attempts} attempts since, next ${event.nextAt ?? 'behind another'}`);
  if (event.error) print(indented(event.error.stack || `${event.error.name}: ${event.error.message}`));
  for (const { name, value } of event.headers) print(`    ${name}: ${value}`);
  print(indented(event.value ?? '(no value)'));
}

interface ReplayWish extends ParkedSelection {
  readonly perSecond: number;
  readonly dryRun: boolean;
}

/** Errors: ApiError, RefusedError. */
export async function replay(client: ApiClient, wish: ReplayWish, print: Print): Promise<void> {
  const { events, lines, trying, doneBy } = await client.mutate(ReplayParked, wish);
  if (lines + trying === 0) return print(NOTHING_FITS);
  const verb = wish.dryRun ? 'would be' : 'are';
  if (trying > 0)
    print(`the first events of ${trying} lines are being tried at this moment: those lines go on from there`);
  if (lines > 0)
    print(
      `${events} events in ${lines} lines ${verb} tried again, each line from its start, the last one at ${doneBy}`,
    );
}

/** Errors: ApiError, RefusedError. */
export async function discard(client: ApiClient, wish: ParkedSelection & { readonly dryRun: boolean }, print: Print) {
  const { events, lines, trying } = await client.mutate(DiscardParked, wish);
  if (events + trying === 0) return print(NOTHING_FITS);
  if (trying > 0)
    print(`${trying} events are being tried at this moment and stay: discard those that fail once more then`);
  if (events > 0) print(`${events} events in ${lines} lines ${wish.dryRun ? 'would be' : 'were'} discarded`);
}

const filterOf = (service: string, group: string, fingerprint: string): string =>
  `--service ${service} --group ${group}${fingerprint ? ` --fingerprint ${fingerprint}` : ''}`;
const firstLine = (text: string): string => text.split('\n')[0] ?? '';
const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

import { ApiError, type ApiClient } from '../api-client.js';

/** Which parked events of a service are meant; the filter's names are those of the API. */
export interface ParkedSelection {
  readonly service: string;
  readonly filter: Readonly<Record<string, string>>;
}
interface Group {
  consumerGroup: string;
  fingerprint: string;
  errorName: string;
  errorMessage: string;
  eventTypes: string[];
  lines: number;
  events: number;
  firstParkedAt: string;
  nextAt: string | null;
  sampleId: string;
}
interface ParkedEvent {
  id: string;
  key: string;
  type: string;
  eventId: string;
  parkedAt: string;
  attempts: number;
  nextAt: string | null;
  error: { name: string; message: string; fingerprint: string; stack: string } | null;
  value: string | null;
  headers: { name: string; value: string }[];
}
interface Redriven {
  __typename: string;
  events: number;
  lines: number;
  dryRun: boolean;
  doneBy?: string | null;
  message?: string;
}

const GROUPS = `query ($services: [String!]) { parking(services: $services) { service groups {
  consumerGroup fingerprint errorName errorMessage eventTypes lines events firstParkedAt nextAt sampleId } } }`;
const EVENTS = `query ($services: [String!], $filter: ParkedFilter!, $first: Int) { parking(services: $services) {
  events(filter: $filter, first: $first) { nodes { id key type eventId parkedAt attempts nextAt value
    error { name message fingerprint stack } headers { name value } } pageInfo { hasNextPage } } } }`;
const REPLAY = `mutation ($input: ReplayParkedInput!) { result: replayParked(input: $input) {
  __typename ... on ParkedReplay { events lines dryRun doneBy } ... on UserError { message } } }`;
const DISCARD = `mutation ($input: DiscardParkedInput!) { result: discardParked(input: $input) {
  __typename ... on ParkedDiscard { events lines dryRun } ... on UserError { message } } }`;

/** False when a service did not answer. Errors: ApiError. */
export async function listGroups(client: ApiClient, service: string | undefined): Promise<boolean> {
  const { parking } = await client.request<{ parking: { service: string; groups: Group[] | null }[] }>(GROUPS, {
    services: service === undefined ? null : [service],
  });
  const groups = parking.flatMap((one) => (one.groups ?? []).map((group) => ({ ...group, service: one.service })));
  for (const group of groups) {
    console.log(
      `${group.service}  ${group.consumerGroup}  ${group.fingerprint || '-'}  ${group.events} events in ${group.lines} lines`,
    );
    console.log(`    ${group.errorName}: ${firstLine(group.errorMessage)}`);
    console.log(`    ${group.eventTypes.join(', ')}; since ${group.firstParkedAt}; next try ${group.nextAt ?? '-'}`);
    console.log(`    for example ${group.sampleId}`);
  }
  const away = parking.filter((one) => one.groups === null);
  for (const { service: name } of away) console.error(`${name} did not answer, or you lack the platform role`);
  if (groups.length === 0 && away.length === 0) console.log('nothing is parked');
  return away.length === 0;
}

/** Errors: ApiError. */
export async function showEvents(client: ApiClient, { service, filter }: ParkedSelection, first: number) {
  const { parking } = await client.request<{
    parking: { events: { nodes: ParkedEvent[]; pageInfo: { hasNextPage: boolean } } | null }[];
  }>(EVENTS, { services: [service], filter, first });
  const page = parking[0]?.events;
  if (!page) throw new ApiError(`${service} did not answer, or you lack the platform role`, 'SERVICE_UNAVAILABLE');
  for (const event of page.nodes) {
    console.log(`${event.id}\n    ${event.type} ${event.eventId}, key ${event.key}`);
    console.log(`    parked ${event.parkedAt}, ${event.attempts} attempts, next ${event.nextAt ?? 'behind another'}`);
    if (event.error) console.log(indented(event.error.stack || `${event.error.name}: ${event.error.message}`));
    for (const { name, value } of event.headers) console.log(`    ${name}: ${value}`);
    console.log(indented(event.value ?? '(no value)'));
  }
  if (page.pageInfo.hasNextPage) console.log('… and more: raise --limit or narrow the filter');
}

/** Errors: ApiError. */
export async function replay(client: ApiClient, { service, filter }: ParkedSelection, rate: number, dryRun: boolean) {
  const result = await redrive(client, REPLAY, { service, filter, perSecond: rate, dryRun });
  const verb = dryRun ? 'would be tried' : 'are tried';
  console.log(
    `${result.events} events in ${result.lines} lines ${verb} again, the last line at ${result.doneBy ?? '-'}`,
  );
}

/** Errors: ApiError. */
export async function discard(client: ApiClient, { service, filter }: ParkedSelection, dryRun: boolean) {
  const result = await redrive(client, DISCARD, { service, filter, dryRun });
  console.log(`${result.events} events in ${result.lines} lines ${dryRun ? 'would be' : 'were'} discarded`);
}

async function redrive(client: ApiClient, mutation: string, input: object): Promise<Redriven> {
  const { result } = await client.request<{ result: Redriven }>(mutation, { input });
  if (result.message !== undefined) throw new ApiError(result.message, 'BAD_USER_INPUT');
  return result;
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

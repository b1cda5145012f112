import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, fixedClock, type FixedClock } from '#testing';
import { on, ParkedRetrier, ParkingDesk, ParkingLot, silentLogger } from '#messaging';
import { Counted } from './counter.events.js';
import { CounterService, upTo, type CountedEvent, type CountedHandler } from './counter.fixture.js';
import { countedMessage, retrierOf } from './parking.fixture.js';

const GROUP = 'counter.test';
const OTHER = 'counter.other';
const replay = { perSecond: 50, dryRun: false };

describe('parking desk', () => {
  let service: CounterService;
  let clock: FixedClock;
  let lot: ParkingLot;
  let desk: ParkingDesk;

  beforeAll(async () => {
    service = await CounterService.start();
  });
  beforeEach(async () => {
    clock = fixedClock();
    service.connection.deleteModel(/parked/);
    lot = new ParkingLot(service.connection, clock.now);
    desk = new ParkingDesk(lot, clock.now);
    await lot.model.deleteMany({});
  });
  afterAll(() => service.stop());

  const message = (offset: number, key: string) => countedMessage(offset, key, clock.now());
  const inAnHour = () => new Date(clock.now().getTime() + 3_600_000);
  // One place in the code for each kind: that is what a fingerprint is made of.
  const wrongTotal = () => new Error('the total is wrong');
  const noAnswer = () => new TypeError('no answer');
  const parkFailed = (offset: number, key: string, error: () => Error = wrongTotal, group = GROUP) =>
    lot.park(group, message(offset, key), { error: error(), nextAt: inAnHour() });
  const parkBehind = (offset: number, key: string) => lot.park(GROUP, message(offset, key));
  const parkedKeys = async () => (await lot.list()).map(({ key, offset }) => `${key}${offset}`);
  const idAt = async (offset: number) => (await lot.list()).find((event) => event.offset === offset)?._id;
  const retrier = (handler: CountedHandler) => retrierOf({ group: GROUP, parkingLot: lot, clock }, handler);

  test('failures of one kind make a group, with those that wait behind them', async () => {
    await parkFailed(1, 'a');
    await parkBehind(2, 'a');
    await parkBehind(3, 'a');
    clock.advance(1_000);
    await parkFailed(4, 'b');
    await parkFailed(5, 'c', noAnswer);
    await parkFailed(1, 'a', wrongTotal, OTHER);

    const groups = await desk.failures();
    expect(groups.map(({ group, name, lines, events }) => [group, name, lines, events])).toEqual([
      [GROUP, 'Error', 2, 4],
      [OTHER, 'Error', 1, 1],
      [GROUP, 'TypeError', 1, 1],
    ]);
    expect(groups[0]).toMatchObject({ message: 'the total is wrong', types: [Counted.type] });
    expect(groups[0]?.fingerprint).toBe(groups[1]?.fingerprint);
    expect((groups[0]?.lastParkedAt.getTime() ?? 0) - (groups[0]?.firstParkedAt.getTime() ?? 0)).toBe(1_000);
    const [sample] = await desk.events({ id: groups[0]?.sampleId }, 1);
    expect(sample?.error?.stack).toContain('parking-desk.int.spec');
  });

  test('pages through what fits', async () => {
    for (const offset of upTo(5)) await parkFailed(offset, `k${offset}`);
    const first = await desk.events({ group: GROUP, type: Counted.type }, 3);
    const second = await desk.events({ group: GROUP, type: Counted.type }, 3, first.at(-1)?._id);
    expect([first.length, second.length]).toEqual([3, 2]);
    expect(await desk.events({ group: GROUP, type: 'counter.renamed' }, 3)).toEqual([]);
    expect(await desk.events({ group: OTHER }, 3)).toEqual([]);
  });

  test('replays one, a kind of failure, or what a filter says, and nothing else', async () => {
    const handled: string[] = [];
    const subject = retrier(async ({ subject: key }) => void handled.push(key));
    await parkFailed(1, 'a');
    await parkFailed(2, 'b');
    await parkFailed(3, 'c', noAnswer);
    await parkFailed(4, 'd', noAnswer);

    expect(await desk.replay({ id: await idAt(1) }, replay)).toMatchObject({ events: 1, lines: 1 });
    await subject.retryDue();
    expect(handled).toEqual(['a']);
    const kind = (await desk.failures()).find(({ name }) => name === 'TypeError');
    expect(await desk.replay({ group: GROUP, fingerprint: kind?.fingerprint }, replay)).toMatchObject({ events: 2 });
    clock.advance(1_000);
    await subject.retryDue();
    expect(handled.toSorted()).toEqual(['a', 'c', 'd']);
    await desk.replay({ group: GROUP, key: 'b' }, replay);
    await subject.retryDue();
    expect(await lot.list()).toEqual([]);
  });

  test('an event in the middle of a line is replayed by its line: what is before it goes first', async () => {
    const handled: number[] = [];
    await parkFailed(1, 'a');
    await parkBehind(2, 'a');
    await desk.replay({ id: await idAt(2) }, replay);
    await retrier(async ({ data }) => void handled.push(data.n)).retryDue();
    expect(handled).toEqual([1, 2]);
  });

  test('a replay reaches all lines, however many there are and fail again', async () => {
    await parkFailed(0, 'k0');
    const [one] = await lot.list();
    const lines = 10_050;
    const rest = upTo(lines - 1).map((n) => ({ ...one, _id: `${one?._id}-${n}`, offset: n, key: `k${n}` }));
    await lot.model.collection.insertMany(rest as never[]);
    const first = await desk.replay({ group: GROUP }, { perSecond: 500, dryRun: false });
    expect(first).toMatchObject({ events: lines, lines });
    const until = new Date(clock.now().getTime() + Math.floor(((lines - 1) * 1000) / 500));
    expect(first.doneBy).toEqual(until);
    expect(await lot.model.countDocuments({ nextAt: { $gte: clock.now(), $lte: until } })).toBe(lines);
    clock.advance(1_000);
    expect(await lot.due(1_000, [GROUP])).toHaveLength(501);
  });

  test('a rate spreads the lines over time', async () => {
    for (const offset of upTo(10)) await parkFailed(offset, `k${offset}`);
    const { doneBy } = await desk.replay({ group: GROUP }, { perSecond: 2, dryRun: false });
    expect(doneBy).toEqual(new Date(clock.now().getTime() + 4_500));
    const due = [];
    for (const _ of upTo(5)) {
      due.push((await lot.due(100, [GROUP])).length);
      clock.advance(1_000);
    }
    expect(due).toEqual([1, 3, 5, 7, 9]);
  });

  test('a dry run counts and changes nothing', async () => {
    await parkFailed(1, 'a');
    await parkBehind(2, 'a');
    expect(await desk.replay({ group: GROUP }, { perSecond: 50, dryRun: true })).toMatchObject({ events: 2, lines: 1 });
    expect(await desk.discard({ group: GROUP }, { dryRun: true })).toMatchObject({ events: 2, lines: 1 });
    expect(await lot.due(10, [GROUP])).toEqual([]);
    expect(await parkedKeys()).toEqual(['a1', 'a2']);
  });

  test('what is discarded is never handled, and what is behind it is', async () => {
    const handled: number[] = [];
    await parkFailed(1, 'a');
    await parkBehind(2, 'a');
    await parkFailed(3, 'b', noAnswer);
    const kind = (await desk.failures()).find(({ name }) => name === 'Error');
    expect(await desk.discard({ fingerprint: kind?.fingerprint }, { dryRun: false })).toMatchObject({
      events: 1,
      lines: 1,
    });
    await retrier(async ({ data }) => void handled.push(data.n)).retryDue();
    expect(handled).toEqual([2]);
    expect(await parkedKeys()).toEqual(['b3']);
  });

  test('events of a group that nobody runs hold up no other', async () => {
    for (const offset of upTo(105)) await parkFailed(offset, `k${offset}`, wrongTotal, OTHER);
    await parkFailed(1, 'a');
    await desk.replay({ group: OTHER }, { perSecond: 500, dryRun: false });
    clock.advance(10_000);
    await desk.replay({ group: GROUP }, replay);
    const handled: string[] = [];
    await retrier(async ({ subject }) => void handled.push(subject)).retryDue();
    expect(handled).toEqual(['a']);
  });

  test('100 that were parked as they came are through again soon after the repair', async () => {
    let mended = false;
    const handled = new Set<string>();
    const handler = async (event: CountedEvent): Promise<void> => {
      if (!mended) throw new TypeError('a defect');
      handled.add(`${event.subject}|${event.version}`);
    };
    const processor = service.newProcessor(GROUP, [on(Counted, handler)]);
    const runner = service.newRunnerOf(processor);
    runner.start();
    const ids = upTo(20).map((n) => `r${n}`);
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 5)));
    const live = service.parkingLot;
    await eventually(async () => expect((await live.countByGroup()).get(GROUP)).toBeGreaterThanOrEqual(100), {
      timeoutMs: 30_000,
    });
    mended = true;
    const { lines } = await new ParkingDesk(live).replay({ group: GROUP }, { perSecond: 500, dryRun: false });
    expect(lines).toBe(20);
    const working = new ParkedRetrier({ parkingLot: live, processors: [processor], logger: silentLogger });
    await eventually(
      async () => {
        await working.retryDue();
        expect(await live.countByGroup()).toEqual(new Map());
      },
      { timeoutMs: 30_000 },
    );
    expect(handled.size).toBe(100);
  });
});

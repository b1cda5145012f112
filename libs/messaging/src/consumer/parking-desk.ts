import { parallel } from './parallel.js';
import type { ParkedEvent, ParkedFailures, ParkedLine, ParkedSelection } from './parked-event.js';
import { lineName, type ParkingLot } from './parking-lot.js';

/** What a replay or discard did, or would do. */
export interface Redriven {
  readonly events: number;
  readonly lines: number;
  /** Lines that were left to their first event, which is being tried: a replay of them, a discard of that event. */
  readonly trying: number;
}
export interface ReplayOptions {
  /** How many lines are tried for each second. */
  readonly perSecond: number;
  readonly dryRun: boolean;
}

/** One call forgets no more than these; the next one goes on with the rest. */
const DISCARDED = 10_000;
/** Lines that are given their time by one write. */
const TOGETHER = 500;
const CONCURRENCY = 16;
const PLACE = { group: 1, topic: 1, key: 1 } as const;
const IN_ORDER = { group: 1, topic: 1, key: 1, offset: 1 } as const;

/** The parking lot as operators use it: what is parked and why, tried again before its time, or forgotten. */
export class ParkingDesk {
  constructor(
    private readonly lot: ParkingLot,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** What is parked, by group and kind of failure, most events first. */
  async failures(): Promise<ParkedFailures[]> {
    const rows = await this.lot.model
      .aggregate<Omit<ParkedFailures, 'group' | 'fingerprint'> & { _id: { group: string; fingerprint: string } }>([
        { $sort: IN_ORDER },
        {
          $group: {
            _id: { group: '$group', topic: '$topic', key: '$key' },
            first: { $first: '$$ROOT' },
            events: { $sum: 1 },
          },
        },
        {
          $group: {
            _id: { group: '$_id.group', fingerprint: { $ifNull: ['$first.error.fingerprint', ''] } },
            name: { $first: { $ifNull: ['$first.error.name', ''] } },
            message: { $first: { $ifNull: ['$first.error.message', ''] } },
            types: { $addToSet: { $ifNull: ['$first.headers.ce_type', ''] } },
            lines: { $sum: 1 },
            events: { $sum: '$events' },
            firstParkedAt: { $min: '$first.parkedAt' },
            lastParkedAt: { $max: '$first.parkedAt' },
            nextAt: { $min: '$first.nextAt' },
            sampleId: { $first: '$first._id' },
          },
        },
      ])
      .exec();
    return rows
      .map(({ _id, ...row }) => ({ ..._id, ...row, types: row.types.toSorted() }))
      .toSorted((a, b) => b.events - a.events || a.group.localeCompare(b.group));
  }

  /** Those that fit, each line in order, behind a place that an earlier page ended at. */
  events(selection: ParkedSelection, limit: number, after?: string): Promise<ParkedEvent[]> {
    const behind = after === undefined || selection.id !== undefined ? {} : { _id: { $gt: after } };
    return this.lot.model
      .find({ ...queryOf(selection), ...behind })
      .sort({ _id: 1 })
      .limit(limit)
      .lean<ParkedEvent[]>()
      .exec();
  }

  /**
   * Lets the first of each line that an event of the selection waits in be tried, the lines spread by the rate; what is
   * behind it follows when it works. `doneBy` is when the last line is tried. Lines whose first one is being tried are
   * left to that.
   */
  async replay(
    selection: ParkedSelection,
    { perSecond, dryRun }: ReplayOptions,
  ): Promise<Redriven & { readonly doneBy: Date | null }> {
    const { events, lines, trying } = await this.linesOf(selection);
    const start = this.now().getTime();
    const timeOf = (index: number): Date => new Date(start + Math.floor((index * 1000) / perSecond));
    if (!dryRun)
      for (let index = 0; index < lines.length; index += TOGETHER) {
        const some = lines.slice(index, index + TOGETHER);
        await this.schedule(new Map(some.map((line, offset) => [nameOf(line), timeOf(index + offset)])), some);
      }
    return { events, lines: lines.length, trying, doneBy: lines.length > 0 ? timeOf(lines.length - 1) : null };
  }

  /**
   * Forgets the events of the selection for good; those behind them are tried now. One that is being tried stays: what is
   * behind it would be tried beside it.
   */
  async discard(selection: ParkedSelection, { dryRun }: { readonly dryRun: boolean }): Promise<Redriven> {
    const { free, tried } = await this.lot.claims();
    const { ids, lines } = await this.firstOf({ ...queryOf(selection), ...free });
    let events = ids.length;
    if (!dryRun && ids.length > 0) {
      const { deletedCount } = await this.lot.model.deleteMany({ _id: { $in: ids }, ...free }).exec();
      events = deletedCount;
      await parallel(CONCURRENCY, lines, async (line) => void (await this.lot.promote(line)));
    }
    const trying = await this.lot.model.countDocuments({ ...queryOf(selection), ...tried }).exec();
    return { events, lines: lines.length, trying };
  }

  /** All lines: those that fail again are still there for the next call, and would be taken once more. */
  private async linesOf(selection: ParkedSelection): Promise<Pick<Redriven, 'events' | 'trying'> & SelectedLines> {
    const tried = await this.tried();
    const lines = new Map<string, ParkedLine>();
    const left = new Set<string>();
    let events = 0;
    const found = this.lot.model.find(queryOf(selection), PLACE).sort({ _id: 1 }).lean<ParkedLine>().cursor();
    for await (const { group, topic, key } of found) {
      const line = { group, topic, key };
      const name = nameOf(line);
      if (tried.has(name)) {
        left.add(name);
        continue;
      }
      events += 1;
      lines.set(name, line);
    }
    return { events, lines: [...lines.values()], trying: left.size };
  }

  /** Names of the lines whose first event is being tried. */
  private async tried(): Promise<Set<string>> {
    const { tried } = await this.lot.claims();
    const events = await this.lot.model.find(tried, PLACE).lean<ParkedLine[]>().exec();
    return new Set(events.map(nameOf));
  }

  /** The first of a line is the one that has a time, or else is given one now. */
  private async schedule(times: ReadonlyMap<string, Date>, lines: readonly ParkedLine[]): Promise<void> {
    const among = (field: keyof ParkedLine) => ({ $in: [...new Set(lines.map((line) => line[field]))] });
    const timed = await this.lot.model
      .find({ group: among('group'), topic: among('topic'), key: among('key'), nextAt: { $exists: true } }, PLACE)
      .lean<(ParkedLine & { _id: string })[]>()
      .exec();
    const firsts = new Map(timed.map((event) => [nameOf(event), event._id]));
    const operations = [...times].flatMap(([line, nextAt]) => {
      const _id = firsts.get(line);
      return _id === undefined ? [] : [{ updateOne: { filter: { _id }, update: { $set: { nextAt } } } }];
    });
    if (operations.length > 0) await this.lot.model.bulkWrite(operations, { ordered: false });
    const untimed = lines.filter((line) => !firsts.has(nameOf(line)));
    await parallel(CONCURRENCY, untimed, async (line) => void (await this.lot.promote(line)));
  }

  private async firstOf(query: object): Promise<SelectedLines & { readonly ids: string[] }> {
    const found = await this.lot.model
      .find(query, PLACE)
      .sort({ _id: 1 })
      .limit(DISCARDED)
      .lean<(ParkedLine & { _id: string })[]>()
      .exec();
    const lines = new Map(found.map((event) => [nameOf(event), event]));
    return { ids: found.map(({ _id }) => _id), lines: [...lines.values()] };
  }
}

const nameOf = (line: ParkedLine): string => `${line.group}|${lineName(line)}`;

interface SelectedLines {
  readonly lines: readonly ParkedLine[];
}

function queryOf({ id, group, fingerprint, type, key }: ParkedSelection): Record<string, string> {
  const query = { _id: id, group, 'error.fingerprint': fingerprint, 'headers.ce_type': type, key };
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

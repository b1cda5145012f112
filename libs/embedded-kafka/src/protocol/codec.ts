import { MalformedRequestError, type Reader } from './reader.js';
import type { Writer } from './writer.js';

/** How a value of type T stands on the wire in a given version of an API. */
export interface Codec<T> {
  read(reader: Reader, version: number): T;
  write(writer: Writer, value: T, version: number): void;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;
type Shape = Record<string, Codec<unknown>>;

export const int8: Codec<number> = { read: (r) => r.int8(), write: (w, value) => w.int8(value) };
export const int16: Codec<number> = { read: (r) => r.int16(), write: (w, value) => w.int16(value) };
export const int32: Codec<number> = { read: (r) => r.int32(), write: (w, value) => w.int32(value) };
export const int64: Codec<number> = { read: (r) => r.int64(), write: (w, value) => w.int64(value) };
export const float64: Codec<number> = { read: (r) => r.float64(), write: (w, value) => w.float64(value) };
export const bool: Codec<boolean> = { read: (r) => r.int8() !== 0, write: (w, value) => w.int8(value ? 1 : 0) };

export const nullableString: Codec<string | null> = {
  read: (r) => r.nullableString(),
  write: (w, value) => w.nullableString(value),
};
export const nullableBytes: Codec<Buffer | null> = {
  read: (r) => r.nullableBytes(),
  write: (w, value) => w.nullableBytes(value),
};
export const string: Codec<string> = {
  read: (r) => present(r.nullableString(), 'string'),
  write: (w, value) => w.nullableString(value),
};
export const bytes: Codec<Buffer> = {
  read: (r) => present(r.nullableBytes(), 'byte array'),
  write: (w, value) => w.nullableBytes(value),
};

/** The 16 bytes of an id, as 32 hexadecimal digits. */
export const uuid: Codec<string> = {
  read: (r) => r.raw(16).toString('hex'),
  write: (w, value) => w.raw(Buffer.from(value, 'hex')),
};
export const noUuid = '0'.repeat(32);

/** Record batches, one behind the other, preceded by their length in bytes together. */
export const recordBatches: Codec<readonly Buffer[]> = {
  read: (r) => {
    const all = r.nullableBytes();
    return all === null || all.length === 0 ? [] : [all];
  },
  write: (w, batches) => {
    w.lengthOf(batches.reduce((sum, batch) => sum + batch.length, 0));
    for (const batch of batches) w.raw(batch);
  },
};

export function nullableArray<T>(element: Codec<T>): Codec<readonly T[] | null> {
  return {
    read(reader, version) {
      const length = reader.arrayLength();
      if (length < 0) return null;
      const values: T[] = [];
      for (let index = 0; index < length; index += 1) values.push(element.read(reader, version));
      return values;
    },
    write(writer, values, version) {
      writer.lengthOf(values === null ? -1 : values.length);
      if (values === null) return;
      for (const value of values) element.write(writer, value, version);
    },
  };
}

/** A null array is read as an empty one, as clients send both. */
export function array<T>(element: Codec<T>): Codec<readonly T[]> {
  const nullable = nullableArray(element);
  return {
    read: (reader, version) => nullable.read(reader, version) ?? [],
    write: (writer, values, version) => nullable.write(writer, values, version),
  };
}

/** The fields in the order in which they are written, and the tagged ones of flexible versions behind them. */
export function struct<S extends Shape>(shape: S): Codec<{ readonly [K in keyof S]: ValueOf<S[K]> }> {
  type Value = { [K in keyof S]: ValueOf<S[K]> };
  const fields = Object.entries(shape);
  return {
    read(reader, version) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of fields) value[name] = codec.read(reader, version);
      if (reader.isFlexible) reader.skipTaggedFields();
      return value as Value;
    },
    write(writer, value, version) {
      for (const [name, codec] of fields) codec.write(writer, value[name], version);
      if (writer.isFlexible) writer.noTaggedFields();
    },
  };
}

/** A struct that may be missing; a byte says whether it is there. */
export function nullableStruct<S extends Shape>(shape: S): Codec<{ readonly [K in keyof S]: ValueOf<S[K]> } | null> {
  const present = struct(shape);
  return {
    read: (reader, version) => (reader.int8() < 0 ? null : present.read(reader, version)),
    write(writer, value, version) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) present.write(writer, value, version);
    },
  };
}

/** A field that exists in versions `first` to `last`; elsewhere it reads as `fallback` and is not written. */
export function versions<T>(first: number, last: number, codec: Codec<T>, fallback: T): Codec<T> {
  return {
    read: (reader, version) => (version < first || version > last ? fallback : codec.read(reader, version)),
    write(writer, value, version) {
      if (version >= first && version <= last) codec.write(writer, value, version);
    },
  };
}

export const since = <T>(first: number, codec: Codec<T>, fallback: T): Codec<T> =>
  versions(first, Number.MAX_SAFE_INTEGER, codec, fallback);

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new MalformedRequestError(`a ${what} is null that may not be`);
  return value;
}

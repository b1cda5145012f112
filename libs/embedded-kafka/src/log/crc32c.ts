const tableCount = 8;
const tables = buildTables();
const [t0, t1, t2, t3, t4, t5, t6, t7] = Array.from({ length: tableCount }, (_, table) =>
  tables.subarray(table * 256, table * 256 + 256),
) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** CRC-32C (Castagnoli), eight bytes at a step ("slicing by 8", Kounavis and Berry 2005). */
export function crc32c(bytes: Uint8Array): number {
  const length = bytes.length;
  const wholeSteps = length - (length % 8);
  let crc = 0xffffffff;
  let at = 0;
  // The indices are inside by construction; `| 0` also tells the compiler that they are integers.
  for (; at < wholeSteps; at += 8) {
    const low =
      crc ^
      (byteAt(bytes, at) |
        (byteAt(bytes, at + 1) << 8) |
        (byteAt(bytes, at + 2) << 16) |
        (byteAt(bytes, at + 3) << 24));
    crc =
      entry(t7, low & 0xff) ^
      entry(t6, (low >>> 8) & 0xff) ^
      entry(t5, (low >>> 16) & 0xff) ^
      entry(t4, low >>> 24) ^
      entry(t3, byteAt(bytes, at + 4)) ^
      entry(t2, byteAt(bytes, at + 5)) ^
      entry(t1, byteAt(bytes, at + 6)) ^
      entry(t0, byteAt(bytes, at + 7));
  }
  for (; at < length; at += 1) crc = (crc >>> 8) ^ entry(t0, (crc ^ byteAt(bytes, at)) & 0xff);
  return (crc ^ 0xffffffff) >>> 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function entry(table: Uint32Array, index: number): number {
  return table[index] as number;
}

function buildTables(): Uint32Array {
  const polynomial = 0x82f63b78;
  const all = new Uint32Array(tableCount * 256);
  for (let value = 0; value < 256; value += 1) {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    all[value] = crc;
  }
  for (let index = 256; index < all.length; index += 1) {
    const before = entry(all, index - 256);
    all[index] = (before >>> 8) ^ entry(all, before & 0xff);
  }
  return all;
}

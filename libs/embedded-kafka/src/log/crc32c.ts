const tableCount = 16;
const stepBytes = 16;
const tables = buildTables();
/** Table `n` is what a byte does to the checksum when `n` bytes of the same step follow it. */
const table = (number: number): Int32Array => tables.subarray(number * 256, number * 256 + 256);
const [t0, t1, t2, t3, t4, t5, t6, t7] = [
  table(0),
  table(1),
  table(2),
  table(3),
  table(4),
  table(5),
  table(6),
  table(7),
];
const [t8, t9, t10, t11] = [table(8), table(9), table(10), table(11)];
const [t12, t13, t14, t15] = [table(12), table(13), table(14), table(15)];

/** CRC-32C (Castagnoli), sixteen bytes at a step ("slicing", Kounavis and Berry 2005). */
export function crc32c(bytes: Uint8Array): number {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const wholeSteps = length - (length % stepBytes);
  let crc = -1;
  for (let at = 0; at < wholeSteps; at += stepBytes) {
    const first = crc ^ view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    const third = view.getInt32(at + 8, true);
    const fourth = view.getInt32(at + 12, true);
    crc =
      entry(t15, first & 0xff) ^
      entry(t14, (first >>> 8) & 0xff) ^
      entry(t13, (first >>> 16) & 0xff) ^
      entry(t12, first >>> 24) ^
      entry(t11, second & 0xff) ^
      entry(t10, (second >>> 8) & 0xff) ^
      entry(t9, (second >>> 16) & 0xff) ^
      entry(t8, second >>> 24) ^
      entry(t7, third & 0xff) ^
      entry(t6, (third >>> 8) & 0xff) ^
      entry(t5, (third >>> 16) & 0xff) ^
      entry(t4, third >>> 24) ^
      entry(t3, fourth & 0xff) ^
      entry(t2, (fourth >>> 8) & 0xff) ^
      entry(t1, (fourth >>> 16) & 0xff) ^
      entry(t0, fourth >>> 24);
  }
  for (let at = wholeSteps; at < length; at += 1) crc = (crc >>> 8) ^ entry(t0, (crc ^ view.getUint8(at)) & 0xff);
  return ~crc >>> 0;
}

// The indices are inside by construction.
function entry(values: Int32Array, index: number): number {
  return values[index] as number;
}

function buildTables(): Int32Array {
  const polynomial = 0x82f63b78;
  const all = new Int32Array(tableCount * 256);
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

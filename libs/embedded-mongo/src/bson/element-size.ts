/** Bytes of a value by its BSON type; -1: text, -2: what begins with its own length, -3: binary. */
const SIZES = new Map<number, number>([
  [0x01, 8],
  [0x02, -1],
  [0x03, -2],
  [0x04, -2],
  [0x05, -3],
  [0x06, 0],
  [0x07, 12],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x0d, -1],
  [0x0e, -1],
  [0x0f, -2],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
]);

const RARE = -4;
const SIZE_OF_TYPE = Int8Array.from({ length: 256 }, (_, type) => SIZES.get(type) ?? RARE);

/** Bytes of the value that begins here. */
export function sizeOf(bytes: Buffer, type: number, at: number): number {
  const size = SIZE_OF_TYPE[type] ?? RARE;
  if (size >= 0) return size;
  if (size === RARE) return sizeOfRare(bytes, type, at);
  const length = bytes.readInt32LE(at);
  return size === -1 ? 4 + length : size === -2 ? length : 5 + length;
}

/** Patterns are two texts that end in 0; the old pointer is a text and an id. */
function sizeOfRare(bytes: Buffer, type: number, at: number): number {
  if (type === 0x0b) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
  if (type === 0x0c) return 4 + bytes.readInt32LE(at) + 12;
  throw new Error(`BSON type ${type} is unknown`);
}

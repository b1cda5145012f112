const bytes = 12;

/** (partition, base offset) big-endian, so that byte order is log order. */
export function logKey(partitionId: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(bytes);
  key.writeUInt32BE(partitionId, 0);
  key.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), 4);
  key.writeUInt32BE(offset >>> 0, 8);
  return key;
}

export function offsetOf(key: Buffer): number {
  return key.readUInt32BE(4) * 0x1_0000_0000 + key.readUInt32BE(8);
}

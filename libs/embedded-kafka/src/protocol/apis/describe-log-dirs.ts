import { defineApi } from '../api.js';
import { array, bool, int16, int32, int64, nullableArray, since, string, struct } from '../codec.js';

export const describeLogDirsApi = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  maxVersion: 4,
  flexibleFrom: 2,
  request: struct({ topics: nullableArray(struct({ name: string, partitions: array(int32) })) }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: since(3, int16, 0),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(struct({ index: int32, sizeBytes: int64, offsetLag: int64, isFuture: bool })),
          }),
        ),
        totalBytes: since(4, int64, -1),
        usableBytes: since(4, int64, -1),
      }),
    ),
  }),
});

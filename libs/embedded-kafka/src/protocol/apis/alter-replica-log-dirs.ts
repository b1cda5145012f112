import { defineApi } from '../api.js';
import { array, int16, int32, string, struct } from '../codec.js';

export const alterReplicaLogDirsApi = defineApi({
  key: 34,
  name: 'AlterReplicaLogDirs',
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    dirs: array(struct({ logDir: string, topics: array(struct({ name: string, partitions: array(int32) })) })),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
  }),
});

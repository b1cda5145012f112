import { defineApi } from '../api.js';
import {
  array,
  bool,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  versions,
} from '../codec.js';

/** Until version 7 a request is about one group, from 8 on about several. */
const lastOfOneGroup = 7;
const ofSeveral = lastOfOneGroup + 1;
const wanted = nullableArray(struct({ name: string, partitions: array(int32) }));
const found = array(
  struct({
    name: string,
    partitions: array(
      struct({
        index: int32,
        offset: int64,
        leaderEpoch: since(5, int32, -1),
        metadata: nullableString,
        errorCode: int16,
      }),
    ),
  }),
);

export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  maxVersion: 8,
  flexibleFrom: 6,
  request: struct({
    groupId: versions(0, lastOfOneGroup, string, ''),
    topics: versions(0, lastOfOneGroup, wanted, null),
    groups: since(ofSeveral, array(struct({ groupId: string, topics: wanted })), []),
    requireStable: since(7, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: versions(0, lastOfOneGroup, found, []),
    errorCode: versions(2, lastOfOneGroup, int16, 0),
    groups: since(ofSeveral, array(struct({ groupId: string, topics: found, errorCode: int16 })), []),
  }),
});

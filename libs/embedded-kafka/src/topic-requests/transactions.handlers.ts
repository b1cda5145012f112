import { describeTransactionsApi, listTransactionsApi } from '../protocol/apis/transactions.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

const states = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'PrepareEpochFence',
  'Dead',
];

/** Transactions are not offered, so there are none to show. */
export function transactionRoutes(): Route[] {
  return [
    route(describeTransactionsApi, ({ transactionalIds }) => ({
      throttleTimeMs: 0,
      transactions: transactionalIds.map((transactionalId) => ({
        errorCode: ErrorCode.transactionalIdNotFound,
        transactionalId,
        state: '',
        timeoutMs: 0,
        startTimeMs: 0,
        producerId: 0,
        producerEpoch: 0,
        topics: [],
      })),
    })),
    route(listTransactionsApi, (request) => ({
      throttleTimeMs: 0,
      errorCode: ErrorCode.none,
      unknownStates: request.states.filter((state) => !states.includes(state)),
      transactions: [],
    })),
  ];
}

import { mergeResolvers } from '@graphql-tools/merge';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { catalogResolvers } from '../catalog/catalog.resolver.js';
import { identityResolvers } from '../identity/identity.resolver.js';
import { operationsResolvers } from '../operations/operations.resolver.js';
import { orderResolvers } from '../order/order.resolver.js';
import { reputationResolvers } from '../reputation/reputation.resolver.js';
import { sharedResolvers } from '../shared/shared.resolver.js';
import { socialFeedResolvers } from '../social-feed/social-feed.resolver.js';
import { composeTypeDefs, readSlices } from './slices.js';

/** The whole API: every slice's types and resolvers. */
export const composeSchema = (): GraphQLSchema =>
  makeExecutableSchema({
    typeDefs: composeTypeDefs(readSlices()),
    resolvers: mergeResolvers([
      sharedResolvers,
      identityResolvers,
      catalogResolvers,
      socialFeedResolvers,
      orderResolvers,
      reputationResolvers,
      operationsResolvers,
    ]),
  });

/** What configuration requests can be about. */
export const ResourceType = { topic: 2, broker: 4 } as const;

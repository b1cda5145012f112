/** Every event that this service reacts to: none. It is where people begin. */
export const reactions = [] as const;

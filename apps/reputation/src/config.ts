/** The service takes nothing from its environment but what every service does. */
export { ServiceConfig as ReputationConfig } from '#service-kit';

export const environment = process.env;

import { runServiceAlone } from '#service-kit';
import { environment } from './config.js';
import { definition } from './identity.service.js';

await runServiceAlone(definition, environment);

import { runServiceAlone } from '#service-kit';
import { definition } from './catalog.service.js';
import { environment } from './config.js';

await runServiceAlone(definition, environment);

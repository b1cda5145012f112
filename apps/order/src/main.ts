import { runServiceAlone } from '#service-kit';
import { environment } from './config.js';
import { definition } from './order.service.js';

await runServiceAlone(definition, environment);

import { runServiceAlone } from '#service-kit';
import { environment } from './config.js';
import { definition } from './social-feed.service.js';

await runServiceAlone(definition, environment);

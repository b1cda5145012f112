import 'reflect-metadata';
import { runServiceAlone } from '#service-kit';
import { environment } from './config.js';
import { identityService } from './identity.service.js';

await runServiceAlone(identityService, environment);

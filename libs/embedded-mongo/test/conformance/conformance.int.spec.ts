import { catalogFeatures, errorFeatures, indexFeatures } from './catalog.features.js';
import { clientFeatures } from './clients.features.js';
import { expressionFeatures } from './expressions.features.js';
import { numberFeatures } from './numbers.features.js';
import { odmFeatures } from './odm.features.js';
import { operatorFeatures } from './operators.features.js';
import { aggregateFeatures, findFeatures } from './reads.features.js';
import { refusalFeatures } from './refusals.features.js';
import { describeServers } from './target.js';
import { viewFeatures } from './views.features.js';
import { insertFeatures, modifyFeatures, updateFeatures } from './writes.features.js';

describeServers((target) => {
  insertFeatures(target);
  updateFeatures(target);
  modifyFeatures(target);
  findFeatures(target);
  aggregateFeatures(target);
  indexFeatures(target);
  catalogFeatures(target);
  errorFeatures(target);
  refusalFeatures(target);
  operatorFeatures(target);
  expressionFeatures(target);
  numberFeatures(target);
  odmFeatures(target);
  clientFeatures(target);
  viewFeatures(target);
});

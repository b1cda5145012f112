import type { Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import { parseSort } from '../match/sort.js';
import { compileProjection, type Projection } from '../projection/projection.js';
import type { Hit } from '../query/execute.js';
import type { Command } from './command.js';
import { hitsOf, Modification, targetOf, type Target } from './modification.js';

/** Finds one document and changes, replaces, adds or removes it, alone; a failure fails the whole command. */
export async function findAndModify(command: Command): Promise<Document> {
  const [removes, upsert] = [command.flag('remove'), command.flag('upsert')];
  checkOptions(command, removes, upsert);
  const outcome = await command.store.write(() => {
    const target = targetOf(command, command.document('query'), {
      hint: command.value('hint'),
      collation: command.value('collation'),
      sort: parseSort(command.document('sort')),
      single: true,
    });
    const project = projectionOf(command, target);
    const [hit] = hitsOf(command, target, { single: true });
    const found = { target, hit, project };
    return removes ? removeHit(found) : changeHit(command, found, upsert);
  }, removes);
  return { ...outcome, ok: 1 };
}

function checkOptions(command: Command, removes: boolean, upsert: boolean): void {
  const updates = command.value('update') !== undefined;
  if (removes && updates) throw failedToParse('Cannot specify both an update and remove=true');
  if (!removes && !updates) throw failedToParse('Either an update or remove=true must be specified');
  if (removes && upsert) throw failedToParse('Cannot specify both upsert=true and remove=true');
  if (removes && command.flag('new')) {
    throw failedToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
  }
}

/** The document that is meant, and how it is shown. A projection may fail on it: it is asked before the change. */
interface Found {
  target: Target;
  hit: Hit | undefined;
  project: Projection;
}

interface Outcome {
  lastErrorObject: Document;
  value: Document | null;
}

function removeHit({ target: { collection }, hit, project }: Found): Outcome {
  const value = hit ? project(hit.document) : null;
  if (hit) collection?.remove(hit.record, hit.bytes);
  return { lastErrorObject: { n: hit ? 1 : 0 }, value };
}

function changeHit(command: Command, { target, hit, project }: Found, upsert: boolean): Outcome {
  const source = {
    update: command.value('update'),
    arrayFilters: command.value('arrayFilters'),
    variables: command.variables,
  };
  const modification = new Modification(target.filter, source, command.server.now());
  const options = { bypassValidation: command.flag('bypassDocumentValidation') };
  const isNew = command.flag('new');
  if (hit) {
    const next = modification.next(hit.document);
    const value = project(isNew ? next : hit.document);
    target.collection?.replace(hit.record, hit.document, next, hit.bytes, options);
    return { lastErrorObject: { n: 1, updatedExisting: true }, value };
  }
  if (!upsert) return { lastErrorObject: { n: 0, updatedExisting: false }, value: null };
  const insertion = modification.insertion();
  if (isNew) project(insertion);
  const added = command.ensureCollection().insert(insertion, options);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: added._id },
    value: isNew ? project(added) : null,
  };
}

/** Read before anything is changed, so that one that is refused changes nothing. */
function projectionOf(command: Command, { filter }: Target): Projection {
  const fields = command.document('fields');
  if (Object.keys(fields).length === 0) return (value) => value;
  return compileProjection(fields, command.variables, filter);
}

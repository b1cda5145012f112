import { isTrue, type Document } from '../bson/document.js';
import type { Command } from './command.js';
import { checkBatch, runStatements } from './reply.js';

export function isOrdered(command: Command): boolean {
  const ordered = command.value('ordered');
  return ordered === undefined || isTrue(ordered);
}

export async function insert(command: Command): Promise<Document> {
  const documents = command.storable('documents');
  checkBatch(documents);
  const bypassValidation = command.flag('bypassDocumentValidation');
  let n = 0;
  const errors = await command.store.write(() => {
    const collection = command.ensureCollection();
    return runStatements(documents, isOrdered(command), (document) => {
      if (Buffer.isBuffer(document)) collection.insertStored(document, { bypassValidation });
      else collection.insert(document, { bypassValidation });
      n++;
    });
  });
  return { n, ...errors, ok: 1 };
}

export { readIfThere, writeWhole } from './durable-file.js';
export { codeOf } from './error-code.js';
export { lockFolder } from './folder-lock.js';
export { isNewOrLmdbFile } from './lmdb-file.js';
export { holderOf, takeLock, type LockFile } from './lock-file.js';
export { isAlive, ProcessIdentity, thisProcess } from './process-identity.js';

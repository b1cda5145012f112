/** The folder can't be used for Grapevine's data. The message says why and what to do. code PLATFORM.DATA_FOLDER */
export class DataFolderError extends Error {
  readonly code = 'PLATFORM.DATA_FOLDER';
}

/** Another process uses the folder. code PLATFORM.IN_USE */
export class InUseError extends Error {
  readonly code = 'PLATFORM.IN_USE';
}

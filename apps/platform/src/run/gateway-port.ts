import { isDefaultDataDir, type PlatformConfig } from '../config.js';
import { candidatePorts, firstFree, isPortFree } from '../servers/free-port.js';

type Listening = Pick<PlatformConfig, 'port' | 'host' | 'dataDir'>;

/** Something else listens on the gateway's port. The message offers another. code PLATFORM.PORT_TAKEN */
export class PortTakenError extends Error {
  readonly code = 'PLATFORM.PORT_TAKEN';
}

/** Clients know the gateway by its port, so it takes the one that it was given or none. Errors: PortTakenError. */
export async function checkGatewayPort(config: Listening): Promise<void> {
  if (!(await isPortFree(config.port, config.host))) throw await portTaken(config);
}

/** The error for when it was free when looked at, and taken a moment later. */
export async function portTaken({ port, host, dataDir }: Listening): Promise<PortTakenError> {
  const free = await firstFree(candidatePorts(port + 1, undefined), (candidate) => isPortFree(candidate, host));
  const folder = isDefaultDataDir(dataDir) ? '' : `DATA_DIR=${dataDir} `;
  return new PortTakenError(
    `Port ${port} is taken by another program.${free === undefined ? '' : ` ${free} is free: PORT=${free} ${folder}npm start`}`,
  );
}

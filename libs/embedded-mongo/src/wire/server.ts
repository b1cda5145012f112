import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import type { Document } from '../bson/document.js';
import { Command, type ServerState } from '../commands/command.js';
import { Cursors } from '../commands/cursors.js';
import { runCommand } from '../commands/dispatch.js';
import { errorReply } from '../commands/reply.js';
import { MongoError } from '../errors.js';
import type { Store } from '../storage/store.js';
import { TtlSweeper } from '../storage/ttl-sweeper.js';
import type { WorkerSettings } from '../worker.messages.js';
import { Connection } from './connection.js';
import { Gate } from './gate.js';
import type { Request } from './message.js';

/** What the clients' last answers may take when the server closes. */
const DRAIN_LIMIT_MS = 500;

export interface Server {
  readonly port: number;
  close(): Promise<void>;
  /** Requests stay unanswered until it resumes. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

type ServerSettings = Pick<WorkerSettings, 'host' | 'port' | 'ttlSweepMs'>;

/** Listens for MongoDB clients; rejects with EADDRINUSE when the port is taken. Closing it closes the store, too. */
export async function startServer(store: Store, settings: ServerSettings): Promise<Server> {
  const gate = new Gate();
  const counters = { commands: 0, connections: 0, connectionsCreated: 0 };
  const { host } = settings;
  const now = () => new Date();
  const state: ServerState = {
    store,
    cursors: new Cursors(() => store.turn()),
    host,
    port: 0,
    startedAt: now(),
    now,
    counters,
  };
  const connections = new Set<Connection>();
  const tcp = createServer((socket) => {
    const connectionId = ++counters.connectionsCreated;
    counters.connections++;
    const run = (request: Request) => answer(request, state, connectionId);
    const connection = new Connection(socket, { gate, run });
    connections.add(connection);
    socket.once('close', () => {
      counters.connections--;
      connections.delete(connection);
    });
  });
  state.port = await listen(tcp, settings);
  const sweeper = new TtlSweeper(store, { now, isPaused: () => gate.isClosed });
  sweeper.start(settings.ttlSweepMs);
  return {
    port: state.port,
    close: async () => {
      gate.open();
      await sweeper.stop();
      state.cursors.killAll();
      await drain(tcp, connections);
      await store.close();
    },
    pause: () => Promise.resolve(gate.close()),
    resume: () => Promise.resolve(gate.open()),
  };
}

async function answer(request: Request, state: ServerState, connectionId: number): Promise<Document> {
  try {
    const body = request.body();
    const [name = ''] = Object.keys(body);
    if (request.legacy && !/^(hello|ismaster)$/i.test(name)) {
      throw new MongoError(352, `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`);
    }
    return await runCommand(new Command(name, body, state, connectionId));
  } catch (error) {
    return errorReply(error);
  }
}

function listen(server: TcpServer, { host, port }: ServerSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Takes no new clients, lets those that are there have their answers for a moment, and hangs up. */
async function drain(server: TcpServer, connections: Set<Connection>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_LIMIT_MS)));
  await Promise.race([Promise.all([...connections].map((connection) => connection.idle())), limit]);
  clearTimeout(timer);
  for (const connection of connections) connection.destroy();
  await closed;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccountGranted, AccountRevoked, typeIds, ViewerOfCaller } from '#contracts';
import { grantFromCommandLine } from '../src/grant/grant-from-command-line.handler.js';
import { IdentityWorld, sessionOf, soon } from './identity.world.js';

let world: IdentityWorld;
let dataDir: string;
beforeAll(async () => {
  world = await IdentityWorld.start();
  dataDir = await mkdtemp(join(tmpdir(), 'grapevine-grant-'));
});
afterAll(async () => {
  await world?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const grant = (...words: string[]): Promise<string> => grantFromCommandLine(words, world.variables);
const writeRuntime = (text: string): Promise<void> => writeFile(join(dataDir, 'runtime.json'), text);

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}

describe('grants from the command line', () => {
  test('show in tokens after a refresh, are published, and can be taken away', async () => {
    const captured = await world.capture(AccountGranted, AccountRevoked);
    const { viewer, refreshToken } = await world.newcomer({ name: 'Ana' });
    const said = await grant('platform', viewer.email.toUpperCase());
    expect(said).toContain(`Ana (@${viewer.handle}, ${viewer.email}, ${viewer.id}) now has the platform role.`);
    expect(said).toContain('It holds: customer, platform.');
    expect(await grant('platform', viewer.email)).toMatch(/^Nothing to do: .* has the platform role already\.$/);

    const merchantId = typeIds.next('merchant');
    expect(await grant('staff', viewer.email, merchantId)).toContain(`staff of ${merchantId}`);
    const granted = sessionOf(await world.refresh(refreshToken));
    const held = { roles: ['customer', 'platform'], merchantIds: [merchantId] };
    expect(granted.viewer).toMatchObject(held);
    expect(await world.call(ViewerOfCaller, {}, granted.accessToken)).toMatchObject(held);

    expect(await grant('revoke', 'platform', viewer.email)).toContain('no longer has the platform role');
    expect(await grant('revoke', 'platform', viewer.email)).toMatch(/does not have the platform role\.$/);
    expect(await grant('revoke', 'staff', viewer.email, merchantId)).toContain('It holds: customer. ');
    expect(sessionOf(await world.signIn(viewer.email)).viewer).toMatchObject({ roles: ['customer'], merchantIds: [] });

    const told = () => captured.all.map(({ type, subject, version }) => [type, subject, version]);
    await soon(() =>
      expect(told()).toEqual([
        [AccountGranted.type, viewer.id, 2],
        [AccountGranted.type, viewer.id, 3],
        [AccountRevoked.type, viewer.id, 4],
        [AccountRevoked.type, viewer.id, 5],
      ]),
    );
  });

  test('find the running system by what it left in its data folder', async () => {
    const { viewer } = await world.newcomer();
    const { mongodbUri, namespace, kafkaBrokers } = world.servers;
    const url = 'http://127.0.0.1:4000';
    await writeRuntime(JSON.stringify({ url, kafkaBrokers: kafkaBrokers.join(), mongodbUri, namespace }));
    const said = await grantFromCommandLine(['platform', viewer.email], { DATA_DIR: dataDir });
    expect(said).toContain('now has the platform role');
  });

  test('say what is wrong', async () => {
    await expect(grant('platform', 'nobody@example.com')).rejects.toThrow(
      'Nobody has signed up with nobody@example.com',
    );
    await expect(grant('platform')).rejects.toThrow('npm run grant -- platform EMAIL');
    const line = ['platform', 'ana@example.com'];
    const nowhere = { DATA_DIR: join(dataDir, 'nowhere') };
    await expect(grantFromCommandLine(line, nowhere)).rejects.toThrow('npm start first');
    await writeRuntime('{');
    await expect(grantFromCommandLine(line, { DATA_DIR: dataDir })).rejects.toThrow(
      'does not say where the database is',
    );
    const away = { MONGODB_URI: `mongodb://ana:secret@127.0.0.1:${await closedPort()}/` };
    const refused = grantFromCommandLine(line, away);
    await expect(refused).rejects.toThrow('is Grapevine running?');
    await expect(refused).rejects.not.toThrow('secret');
  });
});

test('every query so far is answered by an index', async () => {
  await world.queries.explainAll(world.database);
});

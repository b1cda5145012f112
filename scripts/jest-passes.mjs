// Runs jest several times and closes with one line that counts all tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Modules of ES are still an experiment in jest. Young objects live long where every file loads all libraries anew. */
const NODE = ['--experimental-vm-modules', '--no-warnings', '--max-semi-space-size=64'];
const JEST = [...NODE, 'node_modules/jest/bin/jest.js'];

/** Each pass is a list of jest's arguments. Sets the exit code: 0 when tests ran and all passed. */
export function runPasses(passes) {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-test-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  let broken = false;
  for (const [index, args] of passes.entries()) {
    const file = join(folder, `${index}.json`);
    const { status } = spawnSync(process.execPath, [...JEST, ...args, '--json', `--outputFile=${file}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const report = readReport(file);
    broken ||= status !== 0 || report === undefined;
    total.passed += report?.numPassedTests ?? 0;
    total.failed += (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 1);
    total.skipped += report?.numPendingTests ?? 0;
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
  process.exitCode = broken || total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

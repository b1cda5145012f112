// Fails when a page names a file, a heading or an npm script that is not there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const OTHERS = /(^|\/)(node_modules|dist|coverage|\.[^/]*)\//;
/** What looks like a path of this repository. Where a page is of a folder, its paths may begin there, or at its sources. */
const PATH =
  /^(?!DATA_DIR)[\w@.-]+(\/[\w@.-]+)*\/[\w@.-]+\.(ts|[cm]?js|json|md|graphql|sh|ya?ml)$|^(apps|libs|docs|e2e|bench|scripts|deploy)\/[\w@./-]+$/;

const files = readdirSync('.', { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !OTHERS.test(path));
const pages = files.filter((path) => path.endsWith('.md'));
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const problems = pages.flatMap((page) => problemsOf(page).map((problem) => `${page}: ${problem}`));
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages, ${problems.length} problems`);
process.exitCode = problems.length > 0 || pages.length === 0 ? 1 : 0;

function problemsOf(page) {
  const text = readFileSync(page, 'utf8');
  const all = (pattern) => [...text.matchAll(pattern)].map(([, found]) => found);
  const links = all(/\]\(([^)\s]+)\)/g).filter((target) => !/^\w+:/.test(target) && !leads(page, target));
  const paths = all(/`([^`\n]+)`/g).filter((code) => PATH.test(code) && !isThere(code));
  const commands = all(/npm run (?:--silent |-s )?([a-z][\w:-]*)/g).filter((name) => !(name in scripts));
  return [
    ...links.map((target) => `the link ${target} leads nowhere`),
    ...paths.map((path) => `there is no ${path}`),
    ...commands.map((name) => `there is no npm run ${name}`),
  ];
}

function isThere(path) {
  return existsSync(path) || files.some((file) => file.endsWith(`/${path}`));
}

function leads(page, target) {
  const [path, heading] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return heading === undefined || headingsOf(readFileSync(file, 'utf8')).includes(heading);
}

/** As GitHub makes anchors of them. */
function headingsOf(text) {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

// Bundles the explorer with Vega-Lite, and its licences; `--check` compares with what is committed.
import { build } from 'esbuild';
import { readFileSync, writeFileSync, readdirSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const here = dirname(fileURLToPath(import.meta.url));
const BUDGET = 1_000_000;

const result = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.js'],
  bundle: true,
  format: 'iife',
  target: 'es2020',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  write: false,
  metafile: true,
});

const bundle = Buffer.from(result.outputFiles[0].contents);
const packages = new Set();
for (const path of Object.keys(result.metafile.inputs)) {
  const found = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
const licences = [...packages].sort().map((name) => {
  const folder = join(here, 'node_modules', name);
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${about.license}`;
  return `${name} ${about.version} (${about.license})\n\n${text}\n`;
});
const texts = `The explorer contains these packages:\n\n${licences.join('\n----\n\n')}`.replaceAll('\r\n', '\n');

const files = [['explorer.js', bundle], ['explorer.licences.txt', Buffer.from(texts)]];
if (bundle.length > BUDGET) {
  console.error(`explorer.js: ${bundle.length} bytes, expected at most ${BUDGET}`);
  process.exit(1);
}
mkdirSync(join(here, 'dist'), { recursive: true });
let differs = false;
for (const [name, content] of files) {
  const path = join(here, 'dist', name);
  if (process.argv.includes('--check')) {
    if (!readFileSync(path).equals(content)) {
      console.error(`dist/${name} is not what its sources make; run \`make explorer\` and commit it`);
      differs = true;
    }
  } else {
    writeFileSync(path, content);
  }
}
console.log(`explorer.js: ${bundle.length} bytes, ${packages.size} packages`);
process.exit(differs ? 1 : 0);

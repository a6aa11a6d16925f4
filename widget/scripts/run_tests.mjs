// Bundles the tests of one folder and runs them with Node's own test runner.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const folder = process.argv[2] ?? 'test';
const tests = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
const outdir = `build/${folder}`;

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: tests.map((file) => `${folder}/${file}`),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const files = tests.map((file) => `${outdir}/${file.replace(/ts$/, 'mjs')}`);
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', ...files], { stdio: 'inherit' });
process.exit(status ?? 1);

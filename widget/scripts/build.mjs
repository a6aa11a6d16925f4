// Builds dist/, or the folder named by the first argument: the element, the headless client, and one
// small module per language.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const DIST = process.argv[2] ?? 'dist';

/** What is loaded only when needed stays a file of its own, so that the element does not carry it. */
const loadedOnDemand = {
  name: 'loaded-on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.js'), external: true } : undefined,
    );
  },
};

const languages = readdirSync('src/copy').filter((file) => file !== 'language.ts');

rmSync(DIST, { recursive: true, force: true });
await build({
  entryPoints: {
    order_protection: 'src/order_protection.ts',
    storefront: 'src/index.ts',
    default_lawfulness: 'src/default_lawfulness.ts',
    ...Object.fromEntries(languages.map((file) => [`copy/${file.slice(0, -3)}`, `src/copy/${file}`])),
  },
  outdir: DIST,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  plugins: [loadedOnDemand, squeezeStyles()],
});
writeFileSync(`${DIST}/integrity.json`, JSON.stringify(integrityByFile(), null, 2) + '\n');

/** For `<script integrity>` and for the docs; one line per file the server hands out. */
function integrityByFile() {
  const files = readdirSync(DIST, { recursive: true }).filter((file) => file.endsWith('.js')).sort();
  return Object.fromEntries(
    files.map((file) => {
      const digest = createHash('sha384').update(readFileSync(`${DIST}/${file}`)).digest('base64');
      return [file, `sha384-${digest}`];
    }),
  );
}

/** Style sheets in template literals are text to a minifier; we squeeze them ourselves. */
function squeezeStyles() {
  return {
    name: 'squeeze-styles',
    setup({ onLoad, esbuild }) {
      onLoad({ filter: /styles\.ts$/ }, async ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const [, css] = source.match(/`([^]*)`/g).at(-1).match(/`([^]*)`/);
        const { code } = await esbuild.transform(css, { loader: 'css', minify: true });
        return { contents: `export const STYLES = ${JSON.stringify(code.trim())}`, loader: 'ts' };
      });
    },
  };
}

// The status page: one HTML file with its style and its script in it, for `watch --ui` and `report`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';

const CLIENT = 'src/page/client';

/** Writes dist/page.html; gives what went into it, as esbuild does. */
export async function buildPage() {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(CLIENT, 'main.ts')],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    charset: 'ascii',
    metafile: true,
    write: false,
  });
  const style = await transform(readFileSync(join(CLIENT, 'page.css'), 'utf8'), { loader: 'css', minify: true });
  const html = readFileSync(join(CLIENT, 'page.html'), 'utf8')
    .replace('/*style*/', () => style.code.trim())
    .replace('/*script*/', () => inScript(outputFiles[0].text.trim()));
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/page.html', html);
  return { metafile };
}

/** No text of the script may end the element that it stands in. */
function inScript(code) {
  if (/<\/script|<!--/i.test(code)) throw new Error('the script of the page would end its own element');
  return code;
}

// Builds the status page of `watch --ui` and `report`: one HTML file with inline style and script.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';

const CLIENT = 'src/page/client';

/** Writes dist/page.html. Returns esbuild's metafile with its inputs. */
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

/** Throws if the code contains text that would end its script element. */
function inScript(code) {
  if (/<\/script|<!--/i.test(code)) throw new Error('the script of the page contains text that would end its element');
  return code;
}

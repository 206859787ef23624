// Collects the licence texts of all bundled packages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the notices for `inputs`, the paths of all bundled files. Throws if a package has no licence text. */
export function notices(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const parts = [...folders].sort().map((folder) => {
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${about.name} ${about.version} (${about.license})\n\n${licenceText(folder, about)}`;
  });
  return `connsync bundles the following packages.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

function licenceText(folder, about) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file !== undefined) return `${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  const readme = join(folder, 'README.md');
  // Some packages have their licence only in a section of the README.
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
  const section = /^(?:#+ )?Licen[cs]e\n(?:-+\n)?([\s\S]{100,})$/im.exec(text)?.[1];
  if (section === undefined) return declaredLicence(about);
  return `${section.trim()}\n`;
}

/** Returns the MIT text with the package's author, for a package that only declares its licence. */
function declaredLicence({ name, license, author }) {
  if (license !== 'MIT') throw new Error(`${name} is bundled but has no licence text`);
  const text = readFileSync('LICENSE', 'utf8').replace(
    /Copyright .*/,
    `Copyright (c) ${author?.name ?? author ?? `the authors of ${name}`}`,
  );
  return `${text.trim()}\n`;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reaped } from '../rig/children.ts';

const ROOT = join(import.meta.dirname, '../..');
const SERVER = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');

/** Records every process that requests an address or opens a connection, and refuses it. */
const NO_NETWORK = `import dns from 'node:dns';
import net from 'node:net';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const refuse = (what) => (...args) => { appendFileSync(process.env.ASKED, what + ' ' + JSON.stringify(args[0]) + '\\n'); throw new Error('no network'); };
dns.lookup = refuse('lookup');
net.Socket.prototype.connect = refuse('connect');
syncBuiltinESMExports();
`;

export interface Completion {
  readonly label: string;
  readonly insertText?: string;
  readonly documentation?: string | { readonly value: string };
  readonly kind?: number;
}

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * Runs the language server that editors use, over its real protocol, in its own folder with the schemas of the
 * package.
 */
export class LanguageServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'connsync-editor-'));
  readonly #asked = join(this.folder, '.asked');
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #diagnosed = new Map<string, (found: readonly Diagnostic[]) => void>();
  readonly #settings: object;
  #unread = Buffer.alloc(0);
  #ids = 0;

  private constructor(settings: object) {
    this.#settings = settings;
    this.write('no-network.mjs', NO_NETWORK);
    for (const name of ['connection', 'settings', 'faults'])
      this.write(`schemas/${name}.schema.json`, readFileSync(join(ROOT, `schemas/${name}.schema.json`), 'utf8'));
    writeFileSync(this.#asked, '');
    this.#child = reaped(
      spawn(
        process.execPath,
        ['--import', pathToFileURL(join(this.folder, 'no-network.mjs')).href, SERVER, '--stdio'],
        {
          cwd: this.folder,
          env: { ASKED: this.#asked },
          stdio: ['pipe', 'pipe', 'ignore'],
        },
      ),
    );
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** `settings` are the editor settings below `yaml`. */
  static async start(settings: object = {}): Promise<LanguageServer> {
    const server = new LanguageServer({ schemaStore: { enable: false }, ...settings });
    const rootUri = pathToFileURL(server.folder).href;
    await server.#ask('initialize', {
      processId: null,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'data' }],
      capabilities: {
        workspace: { configuration: true },
        textDocument: {
          completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
          hover: { contentFormat: ['markdown'] },
        },
      },
    });
    server.#send({ method: 'initialized', params: {} });
    server.#send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: server.#settings } } });
    return server;
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  /** Opens a file in the editor and returns its diagnostics. */
  async open(file: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = this.#uriOf(file);
    const found = new Promise<readonly Diagnostic[]>((resolve) => this.#diagnosed.set(uri, resolve));
    this.#send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
    });
    return found;
  }

  /** Returns the completions at the `|` in the text. */
  async complete(file: string, marked: string): Promise<readonly Completion[]> {
    const result = await this.#at('textDocument/completion', file, marked);
    return (result as { readonly items: readonly Completion[] }).items;
  }

  /** Returns the hover text at the `|` in the text, as Markdown. */
  async hover(file: string, marked: string): Promise<string> {
    const result = (await this.#at('textDocument/hover', file, marked)) as {
      readonly contents: { readonly value: string };
    } | null;
    return result?.contents.value ?? '';
  }

  /** Every address that was requested. */
  asked(): string {
    return readFileSync(this.#asked, 'utf8');
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #at(method: string, file: string, marked: string): Promise<unknown> {
    const offset = marked.indexOf('|>');
    await this.open(file, marked.replace('|>', ''));
    const before = marked.slice(0, offset).split('\n');
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    return this.#ask(method, { textDocument: { uri: this.#uriOf(file) }, position });
  }

  #uriOf(file: string): string {
    return pathToFileURL(join(this.folder, file)).href;
  }

  async #ask(method: string, params: object): Promise<unknown> {
    this.#ids += 1;
    const id = this.#ids;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #send(message: Message): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const head = this.#unread.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.#unread.subarray(0, Math.max(0, head)).toString())?.[1]);
      if (head < 0 || this.#unread.length < head + 4 + length) return;
      const text = this.#unread.subarray(head + 4, head + 4 + length).toString();
      this.#unread = this.#unread.subarray(head + 4 + length);
      this.#take(JSON.parse(text) as Message);
    }
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (method === undefined) {
      if (id !== undefined) this.#waiting.get(id)?.(message);
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { readonly uri: string; readonly diagnostics: readonly Diagnostic[] };
      this.#diagnosed.get(uri)?.(diagnostics);
    } else if (id !== undefined) this.#send({ id, result: this.#answer(method, params) });
  }

  /** The requests that the server sends to an editor. */
  #answer(method: string, params: unknown): unknown {
    if (method !== 'workspace/configuration') return null;
    const { items } = params as { readonly items: readonly { readonly section: string }[] };
    return items.map(({ section }) => (section === 'yaml' ? this.#settings : {}));
  }
}

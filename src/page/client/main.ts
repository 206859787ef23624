import { html } from 'htm/preact';
import { render } from 'preact';
import { App } from './app.ts';
import { openFeed } from './feed.ts';

const root = document.getElementById('page');
if (root !== null)
  openFeed((displayed) => {
    render(html`<${App} displayed=${displayed} />`, root);
  });

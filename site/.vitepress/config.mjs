// The static site of `npm run site`. Its pages are made in site/pages from the documents; see tools/site/pages.ts.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('../pages/sidebar.json', import.meta.url), 'utf8'));

/** Pictures in Mermaid's language are drawn in the browser, everything else is shown as code. */
function drawMermaid(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (...args) => {
    const [tokens, index] = args;
    const { info, content } = tokens[index];
    if (info.trim() !== 'mermaid') return fence(...args);
    return `<Mermaid code="${encodeURIComponent(content)}" />`;
  };
}

export default defineConfig({
  title: 'barwright',
  description: 'One command keeps a PostgreSQL market-data warehouse fresh',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'pages/.cache',
  cleanUrls: false,
  ignoreDeadLinks: false,
  markdown: { config: drawMermaid, html: true },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Commands', link: '/reference/commands' },
      { text: 'SQL', link: '/reference/sql' },
      { text: 'Changelog', link: '/changelog' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
});

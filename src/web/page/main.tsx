/** Entry of the page. */
import { render } from 'preact';
import { App } from './app.jsx';
import { restoreTheme } from './shared/theme.js';

restoreTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);

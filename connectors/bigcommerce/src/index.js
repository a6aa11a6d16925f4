export { createApp } from './app.js';
export { readConfig } from './config.js';

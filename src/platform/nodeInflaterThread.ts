/** What the library runs in a thread of its own; the command line is one file and runs itself. */
import { serveInflater } from './nodeInflater.js';

serveInflater();

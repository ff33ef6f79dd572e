export { addDays, formatTime, parseTime, toUtc } from '../bytes/time.js';

export { addDays, parseTime } from '../bytes/time.js';

// Figures, written as the terminal's views write them.
const TIME = [["ns", 1, 1e3], ["µs", 1e3, 1e3], ["ms", 1e6, 1e3], ["s", 1e9, 60], ["min", 6e10, 60], ["h", 3.6e12, Infinity]];
const MANY = [["M", 1e6, 1e3], ["G", 1e9, 1e3], ["T", 1e12, 1e3], ["P", 1e15, 1e3], ["E", 1e18, Infinity]];
const whole = (number) => Math.round(number).toLocaleString("en-US");
function scaled(value, units) {
  for (const [unit, size, next] of units) {
    const number = value / size;
    const decimals = size === 1 ? 0 : number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
    const rounded = Number(number.toFixed(decimals));
    if (rounded < next) return `${rounded >= 1000 ? whole(rounded) : number.toFixed(decimals)} ${unit}`;
  }
}
const duration = (ns) => scaled(ns, TIME);
const count = (number) => (number < 1e7 ? whole(number) : scaled(number, MANY));
const percent = (part) => (part <= 0 ? "0.0%" : part < 0.0005 ? "<0.1%" : `${(part * 100).toFixed(1)}%`);

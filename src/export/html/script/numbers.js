// Numbers as people read them.

// The digits of a number's magnitude, rounded to so many as the program rounds them: a half goes to the even neighbour. A double has
// no more digits than are asked for here where it lies so near to a half.
const digitsOf = (value, n) => {
  const [mantissa, exponent] = Math.abs(value).toExponential(60).split("e");
  const all = mantissa.replace(".", "");
  let [kept, power] = [all.slice(0, n), Number(exponent)];
  const rest = all.slice(n);
  const half = "5".padEnd(rest.length, "0");
  if (rest > half || (rest === half && "13579".includes(kept.at(-1)))) {
    kept = String(Number(kept) + 1);
    if (kept.length > n) power += 1;
  }
  return [kept, power];
};
const trimmed = (decimal) => (decimal.includes(".") ? decimal.replace(/\.?0*$/, "") : decimal);
const rounded = (value, n) => {
  if (Number.isNaN(value)) return "NaN";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  if (!Number.isFinite(value)) return sign + "∞";
  const [mantissa, power] = digitsOf(value, n);
  if (power < -4 || power >= Math.max(n, 6)) {
    const decimal = trimmed(mantissa[0] + "." + mantissa.slice(1));
    return sign + decimal + "e" + String(power).replace("-", "−");
  }
  const decimals = Math.max(n - 1 - power, 0);
  const [kept, exact] = digitsOf(value, Number(Math.abs(value).toExponential(60).split("e")[1]) + 1 + decimals);
  const whole = exact < 0 ? "0" : kept.slice(0, exact + 1);
  const fraction = exact < 0 ? "0".repeat(-exact - 1) + kept : kept.slice(exact + 1);
  return sign + trimmed(whole + "." + fraction);
};
const short = (value) => rounded(value, SHORT);
const asWritten = (value, n) => (Number.isFinite(value) ? Number(rounded(value, n).replaceAll("−", "-")) : value);
const asRead = (value) => asWritten(value, SHORT);

// Preloaded for screenshots: fixes the clock to FIXED_NOW (ISO 8601) and Math.random() to one value.
const at = Date.parse(process.env.FIXED_NOW);
const RealDate = Date;

Math.random = () => 0.5;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [at] : args));
  }

  static now() {
    return at;
  }
};

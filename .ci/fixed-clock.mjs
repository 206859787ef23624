// For pictures: a process that has this imported lives at one moment, which FIXED_NOW says in ISO 8601, and without chance.
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

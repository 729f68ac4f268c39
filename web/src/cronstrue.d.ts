// The Arabic sentences of cronstrue: a script that puts them into the library, and has no types.
declare module "cronstrue/locales/ar.js";

// The functions of `@actions/core` that the Action calls. Imported as a whole, the package
// would add its HTTP client and its process runner to the bundle.
export { getInput, getState, notice, saveState, setFailed, setOutput, setSecret, warning } from '@actions/core';

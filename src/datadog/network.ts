/**
 * Reports whether the error happened before a connection was made, so that the request was certainly not executed and
 * even a POST can be retried. Returns false for an unknown error.
 */
export function isBeforeConnection(error: unknown): boolean {
  const { code, syscall, message } = systemError(error);
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  if (EARLY.has(code) || UNTRUSTED.test(code)) return true;
  return message.includes('before secure TLS connection was established');
}

/** Reports whether the server's certificate was not trusted. */
export function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.test(systemError(error).code);
}

/** Returns the system's message, such as `connect ECONNREFUSED 127.0.0.1:443`, without node-fetch's wrapping. */
export function reasonOf(error: unknown): string {
  const { code, message } = systemError(error);
  const words = message.replace(
    /^(?:request to \S+ failed, reason: ?|Invalid response body while trying to fetch \S+: )/,
    '',
  );
  if (words === '') return code === '' ? 'the connection failed' : code;
  return words.includes(code) ? words : `${words} (${code})`;
}

/**
 * Codes that occur only while a connection is being made. TLS alerts that can also occur on an open connection are
 * not included.
 */
const EARLY: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EPROXYREFUSED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
]);

const UNTRUSTED =
  /^(?:ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)$/;

// node-fetch keeps the code of the system error and stores its syscall as `erroredSysCall`.
function systemError(error: unknown): { readonly code: string; readonly syscall: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: '', syscall: '', message: '' };
  const { code, erroredSysCall } = error as { readonly code?: unknown; readonly erroredSysCall?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    syscall: typeof erroredSysCall === 'string' ? erroredSysCall : '',
    message: error.message,
  };
}

/** Names and values of a query, as they were before they were encoded. A plus sign is a blank, as forms write it. */

/** Undefined: it is not percent-encoded UTF-8. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

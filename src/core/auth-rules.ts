/**
 * Who may call a plugin, as its configuration says: any one of its rules admits a call. Secrets stand here in clear text, so
 * rules are never logged, sent or shown as they are.
 */

/** The secret is sent along as it is. Coze calls this a service token. */
export interface ServiceTokenRule {
  readonly type: 'service-token';
  /** Of the header or query parameter. */
  readonly name: string;
  readonly place: 'header' | 'query' | 'both';
  /** All are valid at once. */
  readonly tokens: readonly string[];
}

/** The key decides the algorithm, never the request. */
export type SignatureKey =
  | {
      readonly id: string;
      readonly algorithm: 'hmac-sha256';
      readonly secret: string;
    }
  | {
      readonly id: string;
      readonly algorithm: 'ed25519';
      /** PEM, SubjectPublicKeyInfo. */
      readonly publicKey: string;
    };

/** hotlane's own `X-Coze-Plugin-Signature`. */
export interface SignatureRule {
  readonly type: 'signature';
  /** Seconds by which the caller's clock may differ. */
  readonly toleranceS: number;
  /** Each id once. */
  readonly keys: readonly SignatureKey[];
}

/** `X-Coze-Signature`, as Coze signs events. */
export interface CozeCallbackRule {
  readonly type: 'coze-callback';
  readonly token: string;
}

/** `X-Lark-Signature`, as Lark and Feishu sign events. */
export interface LarkRule {
  readonly type: 'lark';
  readonly encryptKey: string;
}

/** `webhook-signature` of https://www.standardwebhooks.com. */
export interface StandardWebhooksRule {
  readonly type: 'standard-webhooks';
  /** Base64, with or without `whsec_` before it. All are valid at once. */
  readonly secrets: readonly string[];
}

/** Admits every call. */
export interface NoneRule {
  readonly type: 'none';
}

export type AuthRule =
  | ServiceTokenRule
  | SignatureRule
  | CozeCallbackRule
  | LarkRule
  | StandardWebhooksRule
  | NoneRule;

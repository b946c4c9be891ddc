/** Whether what a server says of grants is what was asked for. */
import type { Forgotten, GrantStatus } from '../oauth/token-service.ts';
import type { UnavailableCode } from '../oauth/unavailable.ts';
import { number, object, type Shape, text, truth, word } from './shape.ts';

type Of<Said, Kind> = Extract<Said, { readonly kind: Kind }>;

/** Codes grow; a newer server may know more. */
const code = (value: unknown): value is UnavailableCode => text(value);

const granted = object<Of<GrantStatus, 'granted'>>({
  kind: word('granted'),
  accessExpiresAt: number,
  refreshedAt: number,
});
const required = object<Of<GrantStatus, 'consent-required'>>({
  kind: word('consent-required'),
  why: word('never', 'ended'),
});
const unavailable = object<Of<GrantStatus, 'unavailable'>>({ kind: word('unavailable'), code, reason: text });
const forgotten = object<Of<Forgotten, 'forgotten'>>({ kind: word('forgotten'), existed: truth });

export const isGrantStatus: Shape<GrantStatus> = (value) =>
  granted(value) || required(value) || unavailable(value);
export const isForgotten: Shape<Forgotten> = (value) => forgotten(value) || unavailable(value);

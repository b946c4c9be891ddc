/** Everything that decodes what others have sent. */
import { bodyTarget } from './body-target.ts';
import { anyEnvelopeTarget, envelopeTarget } from './envelope-target.ts';
import { frameTarget, hostileFrameTarget } from './frame-target.ts';
import { gatheringTarget } from './gathering-target.ts';
import { replyTarget } from './reply-target.ts';
import { formatTarget, schemaTarget } from './schema-target.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  bodyTarget,
  envelopeTarget,
  anyEnvelopeTarget,
  schemaTarget,
  formatTarget,
  replyTarget,
  frameTarget,
  hostileFrameTarget,
  gatheringTarget,
];

/**
 * Called only by bytes that are no request of their own, such as a body. Its line in the log is the finding.
 */
import { definePlugin } from 'hotlane/plugin';

const anything = { type: 'object' } as const;

export default definePlugin({
  name: 'smuggled',
  version: '1.0.0',
  description: 'Must not be called.',
  tools: {
    run: {
      summary: 'Tell that it was called.',
      input: anything,
      output: anything,
      execute(input, { logger }) {
        logger.error('bytes inside a request were run as a request');
        return input;
      },
    },
  },
});

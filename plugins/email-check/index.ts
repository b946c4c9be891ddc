/**
 * Checks the syntax of an e-mail address. Shows: a tool on top of an npm package, whose errors are
 * translated into words a reader of the answer understands.
 */
import { definePlugin } from 'hotlane/plugin';
import { checkAddress } from './address-check.ts';

export default definePlugin({
  name: 'email-check',
  version: '1.0.0',
  description: 'Checks e-mail addresses by the mail standards, without sending anything.',
  tools: {
    check: {
      summary: 'Check whether a text is a valid e-mail address and bring it into its normal form.',
      input: {
        type: 'object',
        description: 'The address to check.',
        properties: {
          email: {
            type: 'string',
            maxLength: 1000,
            description: 'One address, name@domain, without display name or angle brackets.',
          },
        },
        required: ['email'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        description: 'The verdict; the parts of the address are present only when it is valid.',
        properties: {
          valid: {
            type: 'boolean',
            description: 'Whether the syntax is right; not whether the mailbox exists.',
          },
          diagnosis: {
            type: 'string',
            description: 'What is wrong and where, or what may keep mail to a valid address from arriving.',
          },
          normalised: { type: 'string', description: 'The address in its simplest spelling.' },
          local_part: { type: 'string', description: 'The mailbox name before the @.' },
          domain: { type: 'string', description: 'The domain in lower case, non-ASCII labels as xn--.' },
          domain_unicode: { type: 'string', description: 'The domain for people to read.' },
          needs_smtputf8: {
            type: 'boolean',
            description: 'Whether mail servers need the SMTPUTF8 extension to deliver to it.',
          },
        },
        required: ['valid', 'diagnosis'],
        additionalProperties: false,
      },
      examples: [
        {
          input: { email: 'Zhang.Wei@Example.COM' },
          output: {
            valid: true,
            diagnosis: 'Valid.',
            normalised: 'Zhang.Wei@example.com',
            local_part: 'Zhang.Wei',
            domain: 'example.com',
            domain_unicode: 'example.com',
            needs_smtputf8: false,
          },
        },
        {
          input: { email: '用户@例子.中国' },
          output: {
            valid: true,
            diagnosis:
              'Valid. The mailbox name is not ASCII, so every mail server on the way must support SMTPUTF8.',
            normalised: '用户@xn--fsqu00a.xn--fiqs8s',
            local_part: '用户',
            domain: 'xn--fsqu00a.xn--fiqs8s',
            domain_unicode: '例子.中国',
            needs_smtputf8: true,
          },
        },
        {
          input: { email: 'zhang..wei@example.com' },
          output: {
            valid: false,
            diagnosis:
              'Not valid at character 7: the part before the @ has two dots in a row or ends with a dot.',
          },
        },
      ],
      execute: ({ email }) => checkAddress(email),
    },
  },
});

/** Where events come in; a plugin's name may follow. */
export const CALLBACK_PATH = '/coze/callback';

/** A setting that cannot work. `setting` is its name; the message says what is wrong and shows nothing of its value. */
export class SettingProblem extends Error {
  readonly setting: string;

  constructor(setting: string, message: string) {
    super(message);
    this.name = 'SettingProblem';
    this.setting = setting;
  }
}

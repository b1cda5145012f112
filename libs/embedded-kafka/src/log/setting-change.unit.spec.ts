import { describe, expect, test } from '@jest/globals';
import { changeSettings, type SettingChange } from './setting-change.js';

const change = (operation: number, name: string, value: string | null): SettingChange => ({ name, operation, value });

describe('changes of single settings', () => {
  test('others stay as they are, and what is taken back is no longer set', () => {
    const values = { 'retention.ms': '5', 'flush.ms': '7' };
    expect(changeSettings(values, [change(0, 'segment.ms', '9'), change(1, 'flush.ms', null)])).toEqual({
      'retention.ms': '5',
      'segment.ms': '9',
    });
    expect(values).toEqual({ 'retention.ms': '5', 'flush.ms': '7' });
  });

  test('lists grow from the default and never hold a value twice', () => {
    expect(changeSettings({}, [change(2, 'cleanup.policy', 'compact')])).toEqual({
      'cleanup.policy': 'delete,compact',
    });
    expect(changeSettings({ 'cleanup.policy': 'compact' }, [change(2, 'cleanup.policy', 'compact')])).toEqual({
      'cleanup.policy': 'compact',
    });
    expect(changeSettings({ 'cleanup.policy': 'delete,compact' }, [change(3, 'cleanup.policy', 'delete')])).toEqual({
      'cleanup.policy': 'compact',
    });
  });

  test('what is no list, has no value, or is no operation is refused with a reason', () => {
    expect(changeSettings({}, [change(2, 'retention.ms', '1')])).toContain('not a list');
    expect(changeSettings({}, [change(0, 'retention.ms', null)])).toContain('Null value');
    expect(changeSettings({}, [change(9, 'retention.ms', '1')])).toContain('Unknown operation');
  });
});

import type { EmailTaken, HandleTaken, SessionView, WrongCredentials } from '#contracts';
import type { z } from 'zod';

export type SessionResult = SessionView & { __typename: 'Session' };

export const emailTaken = (): z.infer<typeof EmailTaken> => ({
  __typename: 'EmailTaken',
  code: 'EMAIL_TAKEN',
  message: 'There is an account with this email already',
});
export const handleTaken = (): z.infer<typeof HandleTaken> => ({
  __typename: 'HandleTaken',
  code: 'HANDLE_TAKEN',
  message: 'Somebody else has this handle',
});
export const wrongCredentials = (
  message = 'Email and password do not belong together',
): z.infer<typeof WrongCredentials> => ({ __typename: 'WrongCredentials', code: 'WRONG_CREDENTIALS', message });

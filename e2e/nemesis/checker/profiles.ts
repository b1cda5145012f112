import { z } from 'zod';
import { histories, type Check } from './recording.js';

const Profile = z.object({ name: z.string() });

/** People are shown as they last said who they are. */
export const checkProfiles: Check = (recording) => {
  const told = histories(recording, 'social.graph.v1');
  return recording.shown.people.flatMap(({ profileId, name }) => {
    const last = told.get(profileId)?.at(-1);
    if (last === undefined) return [`${profileId} is shown, and was never told of`];
    const due = Profile.parse(JSON.parse(last.value)).name;
    return name === due ? [] : [`${profileId} shows the name ${name}, its events say ${due}`];
  });
};

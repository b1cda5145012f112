import { Injectable } from '@nestjs/common';
import { AccountCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { DuplicateKeyError } from '#persistence';
import { ProfileArrivals } from './profile-arrivals.js';
import { newProfile, profileCreated } from './profile.js';
import { findable, ProfileRepository } from './profile.repository.js';

@Injectable()
@ConsumerGroup('social-feed.profiles')
export class CreateProfileWhenAccountIsCreated {
  constructor(
    private readonly profiles: ProfileRepository,
    private readonly arrivals: ProfileArrivals,
  ) {}

  @OnEvent(AccountCreated)
  async onAccountCreated({ data, time }: EventOf<typeof AccountCreated>): Promise<void> {
    const profile = newProfile(data);
    const { profileId } = data;
    const createdAt = new Date(time);
    try {
      const events = [profileCreated(profileId, profile, createdAt)];
      await this.profiles.insert(profileId, findable(profile, createdAt), events);
    } catch (error) {
      // The event came before: the profile may have been changed since.
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
    this.arrivals.announce(profileId);
  }
}

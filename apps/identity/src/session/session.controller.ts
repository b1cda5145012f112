import { Controller } from '@nestjs/common';
import {
  Jwks,
  RefreshSession,
  SignIn,
  SignOut,
  SignUp,
  type InputOf,
  type JsonWebKeySetView,
  type OutputOf,
} from '#contracts';
import { Handles, type OperationContext } from '#service-kit';
import { AccessTokens } from './access-token.handler.js';
import { SessionRepository } from './session.repository.js';
import { Sessions } from './sessions.handler.js';
import { SignInHandler } from './sign-in.handler.js';
import { SignUpHandler } from './sign-up.handler.js';

@Controller()
export class SessionController {
  constructor(
    private readonly signUpHandler: SignUpHandler,
    private readonly signInHandler: SignInHandler,
    private readonly sessions: Sessions,
    private readonly sessionRepository: SessionRepository,
    private readonly accessTokens: AccessTokens,
  ) {}

  @Handles(SignUp)
  signUp(input: InputOf<typeof SignUp>, context: OperationContext): Promise<OutputOf<typeof SignUp>> {
    return this.signUpHandler.signUp(input, context);
  }

  @Handles(SignIn)
  signIn(input: InputOf<typeof SignIn>): Promise<OutputOf<typeof SignIn>> {
    return this.signInHandler.signIn(input);
  }

  @Handles(RefreshSession)
  refresh(input: InputOf<typeof RefreshSession>): Promise<OutputOf<typeof RefreshSession>> {
    return this.sessions.refresh(input);
  }

  @Handles(SignOut)
  async signOut(_input: InputOf<typeof SignOut>, { signedIn }: OperationContext): Promise<OutputOf<typeof SignOut>> {
    await this.sessionRepository.end(signedIn.sessionId);
    return { signedOut: true };
  }

  @Handles(Jwks)
  jwks(): Promise<JsonWebKeySetView> {
    return this.accessTokens.keySet();
  }
}

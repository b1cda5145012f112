import { Controller } from '@nestjs/common';
import { AccountsByIds, ViewerOfCaller, type AccountView, type InputOf, type ViewerView } from '#contracts';
import { Handles, UnauthenticatedError, type OperationContext } from '#service-kit';
import { accountView, viewerView } from './account.js';
import { AccountRepository } from './account.repository.js';

@Controller()
export class AccountController {
  constructor(private readonly accounts: AccountRepository) {}

  @Handles(ViewerOfCaller)
  async viewer(_input: InputOf<typeof ViewerOfCaller>, { accountId }: OperationContext): Promise<ViewerView> {
    const account = await this.accounts.find(accountId);
    // A token outlives the database that it was made for when a deployment is reset.
    if (!account) throw new UnauthenticatedError('This account is no longer there');
    return viewerView(account.id, account.state);
  }

  @Handles(AccountsByIds)
  async accountsByIds({ ids }: InputOf<typeof AccountsByIds>): Promise<AccountView[]> {
    return (await this.accounts.findMany(ids)).map(({ id, state }) => accountView(id, state));
  }
}

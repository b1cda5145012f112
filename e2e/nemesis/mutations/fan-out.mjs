// One post in three is not brought to those who follow its author; whoever begins to follow gets it.
if (process.argv[2] === 'social-feed') {
  const timeline = new URL('../../../dist/apps/social-feed/src/timeline/', import.meta.url);
  const { FanOut } = await import(new URL('fan-out.js', timeline).href);

  const ONE_OF = 3;
  let seen = 0;
  const { spread } = FanOut.prototype;
  FanOut.prototype.spread = async function (...given) {
    if (++seen % ONE_OF !== 0) await spread.apply(this, given);
  };
}

// Follows, reactions and comments are counted again only every other time.
if (process.argv[2] === 'social-feed') {
  const counts = new URL('../../../dist/apps/social-feed/src/counts/', import.meta.url);
  const { RecountedProjection } = await import(new URL('recounted.projection.js', counts).href);

  let asked = 0;
  const { recount } = RecountedProjection.prototype;
  RecountedProjection.prototype.recount = async function (id) {
    if (++asked % 2 !== 0) await recount.call(this, id);
  };
}

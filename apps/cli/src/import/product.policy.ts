import type { z } from 'zod';
import { CreateProduct } from '#contracts';
import { rejectWhole, type ImportedProduct, type ReadProduct } from './shopify-csv.js';

type Issue = z.core.$ZodIssue;

/** Mending one thing may show another; more rounds than there are kinds are never needed. */
const ROUNDS = 5;
const MENDABLE: ReadonlySet<unknown> = new Set(['variants', 'images', 'tags', 'handle']);

/**
 * Makes a product fit what the API takes: a variant that does not is rejected with its line, a picture, tag or handle
 * left out with a warning, and a product whose other fields do not fit rejected whole.
 */
export function fitToApi(read: ReadProduct): ReadProduct {
  let fitting = read;
  for (let round = 0; round < ROUNDS; round++) {
    const issues = fitting.product ? issuesOf(fitting.product) : [];
    if (!fitting.product || issues.length === 0) return fitting;
    fitting = mend(fitting, fitting.product, issues);
  }
  return rejectWhole(fitting, 'belongs to a product that the API does not take');
}

const issuesOf = (product: ImportedProduct): readonly Issue[] =>
  CreateProduct.input.safeParse({ ...product, merchantId: '' }).error?.issues ?? [];

function mend(read: ReadProduct, product: ImportedProduct, issues: readonly Issue[]): ReadProduct {
  const hopeless = issues.find(({ path: [field] }) => !MENDABLE.has(field));
  if (hopeless) {
    return rejectWhole(read, `belongs to a product whose ${hopeless.path.join('.')} ${hopeless.message}`);
  }
  const variants = misfits('variants', product.variants.length, issues);
  const images = misfits('images', product.images.length, issues);
  const tags = misfits('tags', product.tags.length, issues);
  const handle = issues.find(({ path: [field] }) => field === 'handle');
  const mended: ReadProduct = {
    ...read,
    variantLines: read.variantLines.filter((_, index) => !variants.has(index)),
    rejected: [
      ...read.rejected,
      ...[...variants].map(([index, reason]) => ({ line: read.variantLines[index] ?? 0, reason })),
    ],
    warnings: [
      ...read.warnings,
      ...[...images.values()].map((reason) => warning(read, `has an image that is left out: ${reason}`)),
      ...[...tags.values()].map((reason) => warning(read, `has a tag that is left out: ${reason}`)),
      ...(handle ? [warning(read, `has a handle that ${handle.message}: it gets another`)] : []),
    ],
    product: {
      ...product,
      handle: handle ? null : product.handle,
      variants: product.variants.filter((_, index) => !variants.has(index)),
      images: product.images.filter((_, index) => !images.has(index)),
      tags: product.tags.filter((_, index) => !tags.has(index)),
    },
  };
  const isEmpty = mended.variantLines.length === 0;
  return isEmpty ? rejectWhole(mended, 'belongs to a product of which no variant fits') : mended;
}

const warning = ({ lines }: ReadProduct, reason: string) => ({ line: lines[0] ?? 0, reason });

/** What of a list does not fit, and why. */
function misfits(list: string, length: number, issues: readonly Issue[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const issue of issues) {
    const [field, index, ...rest] = issue.path;
    if (field !== list) continue;
    if (typeof index === 'number') found.set(index, [rest.join('.'), issue.message].join(' ').trim());
    else if (issue.code === 'too_big') {
      const most = Number(issue.maximum);
      for (let place = most; place < length; place++)
        found.set(place, `is number ${place + 1}, and ${most} are allowed`);
    }
  }
  return found;
}

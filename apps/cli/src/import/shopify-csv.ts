import { InvalidAmountError, parseMoney, type Money } from '#contracts';

/** One line of an export: the columns by name. */
export interface ShopifyRow {
  /** Line in the file, from 1; the header is line 1. */
  line: number;
  cells: Readonly<Record<string, string>>;
}

export interface ImportedVariant {
  sku: string | null;
  barcode: string | null;
  options: { name: string; value: string }[];
  price: Money;
  compareAtPrice: Money | null;
  onHand: number;
}
/** A product as the API's CreateProductInput takes it, without the merchant. */
export interface ImportedProduct {
  externalId: string;
  /** Null where the export's can't be part of an address: the API makes another. */
  handle: string | null;
  title: string;
  description: string;
  vendor: string | null;
  category: string | null;
  tags: string[];
  images: { url: string; alt: string | null }[];
  variants: ImportedVariant[];
  status: 'DRAFT' | 'ACTIVE' | 'ARCHIVED';
}

export interface RowProblem {
  line: number;
  reason: string;
}
export interface ReadProduct {
  product: ImportedProduct | null;
  /** Lines of the file that the product came from. */
  lines: number[];
  /** The line of each variant of the product. */
  variantLines: number[];
  rejected: RowProblem[];
  warnings: RowProblem[];
}

class RowError extends Error {}

type OptionNames = ReadonlyMap<string, string>;
const OPTION_NAME = /^Option(\d+) Name$/;
const OPTION_VALUE = /^Option(\d+) Value$/;

/** Rows of one handle belong together wherever they stand; rows without a handle belong to nothing. */
export function groupByHandle(rows: readonly ShopifyRow[]): { products: ShopifyRow[][]; rejected: RowProblem[] } {
  const byHandle = new Map<string, ShopifyRow[]>();
  for (const row of rows) {
    const handle = cell(row.cells, 'Handle') ?? '';
    byHandle.set(handle, [...(byHandle.get(handle) ?? []), row]);
  }
  const orphans = byHandle.get('') ?? [];
  byHandle.delete('');
  return { products: [...byHandle.values()], rejected: orphans.map(({ line }) => ({ line, reason: 'has no handle' })) };
}

/**
 * Reads the rows of one product of a Shopify product export: the first carries the product, each row with option, SKU,
 * price or quantity a variant, each row with an image source an image. A variant that can't be sold is left out and
 * reported; a product without any is reported whole.
 */
export function readProduct(rows: readonly ShopifyRow[], currency: string): ReadProduct {
  const lines = rows.map(({ line }) => line);
  const result: ReadProduct = { product: null, lines, variantLines: [], rejected: [], warnings: [] };
  const first = rows[0];
  const title = first && cell(first.cells, 'Title');
  if (!first || !title) return rejectWhole(result, 'belongs to a product without a title');
  const variants = readVariants(rows, optionNames(first.cells), currency, result);
  if (variants.length === 0) return rejectWhole(result, 'belongs to a product that has no variant with a price');
  return { ...result, product: { ...productFields(first.cells, title), images: readImages(rows, result), variants } };
}

/** Without its product; lines that were rejected already keep their own reason. */
export function rejectWhole(read: ReadProduct, reason: string): ReadProduct {
  const seen = new Set(read.rejected.map(({ line }) => line));
  const others = read.lines.filter((line) => !seen.has(line)).map((line) => ({ line, reason }));
  return { ...read, product: null, variantLines: [], rejected: [...read.rejected, ...others] };
}

function productFields(cells: ShopifyRow['cells'], title: string): Omit<ImportedProduct, 'images' | 'variants'> {
  const handle = cell(cells, 'Handle') ?? '';
  return {
    externalId: handle,
    handle,
    title,
    description: cells['Body (HTML)'] ?? '',
    vendor: cell(cells, 'Vendor'),
    category: cell(cells, 'Type') ?? cell(cells, 'Product Category'),
    tags: [...new Set((cell(cells, 'Tags') ?? '').split(',').map((tag) => tag.trim()))].filter((tag) => tag !== ''),
    status: statusOf(cells),
  };
}

function readVariants(
  rows: readonly ShopifyRow[],
  names: OptionNames,
  currency: string,
  result: ReadProduct,
): ImportedVariant[] {
  const variants: ImportedVariant[] = [];
  const seen = new Set<string>();
  for (const { line, cells } of rows) {
    if (!isVariant(cells)) {
      if (!cell(cells, 'Image Src')) result.rejected.push({ line, reason: 'is neither a variant nor an image' });
      continue;
    }
    try {
      const variant = readVariant(cells, names, currency, (reason) => result.warnings.push({ line, reason }));
      const key = JSON.stringify(variant.options);
      if (seen.has(key)) throw new RowError('repeats the options of an earlier variant');
      seen.add(key);
      variants.push(variant);
      result.variantLines.push(line);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      result.rejected.push({ line, reason: error.message });
    }
  }
  return variants;
}

function readVariant(
  cells: ShopifyRow['cells'],
  names: OptionNames,
  currency: string,
  warn: (reason: string) => void,
): ImportedVariant {
  const price = readPrice(cells, 'Variant Price', currency);
  if (!price) throw new RowError('has no price');
  return {
    sku: cell(cells, 'Variant SKU'),
    // Spreadsheets mark text that looks like a number with a leading apostrophe.
    barcode: cell(cells, 'Variant Barcode')?.replace(/^'/, '') ?? null,
    options: readOptions(cells, names),
    price,
    compareAtPrice: readPrice(cells, 'Variant Compare At Price', currency),
    onHand: readQuantity(cells, warn),
  };
}

function readOptions(cells: ShopifyRow['cells'], names: OptionNames): { name: string; value: string }[] {
  const options = Object.keys(cells).flatMap((column) => {
    const index = OPTION_VALUE.exec(column)?.[1];
    const value = index && cell(cells, column);
    if (!value) return [];
    const name = names.get(index);
    if (!name) throw new RowError(`has a value for option ${index}, which its product does not name`);
    return [{ name, value }];
  });
  // Shopify writes this one for a product that has no options.
  const isDefault = options.length === 1 && options[0]?.name === 'Title' && options[0].value === 'Default Title';
  return isDefault ? [] : options;
}

function readQuantity(cells: ShopifyRow['cells'], warn: (reason: string) => void): number {
  const text = cell(cells, 'Variant Inventory Qty') ?? '0';
  const quantity = Number(text);
  if (!/^-?\d+(\.0*)?$/.test(text) || !Number.isSafeInteger(quantity))
    throw new RowError(`has the quantity «${text}», which is no whole number`);
  if (quantity < 0) warn(`has the stock ${quantity}, taken as 0`);
  return Math.max(0, quantity);
}

function readPrice(cells: ShopifyRow['cells'], column: string, currency: string): Money | null {
  const text = cell(cells, column);
  if (!text) return null;
  try {
    const price = parseMoney(text, currency);
    if (price.amountMinor < 0) throw new RowError(`has the negative ${column.toLowerCase()} «${text}»`);
    return price;
  } catch (error) {
    if (error instanceof InvalidAmountError) throw new RowError(`${column}: ${error.message}`);
    throw error;
  }
}

function readImages(rows: readonly ShopifyRow[], result: ReadProduct): ImportedProduct['images'] {
  const images = new Map<string, { url: string; alt: string | null }>();
  for (const { line, cells } of rows) {
    const source = cell(cells, 'Image Src');
    if (!source) continue;
    const url = URL.canParse(source) ? new URL(source) : undefined;
    if (!url || !/^https?:$/.test(url.protocol))
      result.warnings.push({ line, reason: `has an image that is no URL: ${source}` });
    else if (!images.has(source)) images.set(source, { url: source, alt: cell(cells, 'Image Alt Text') });
  }
  return [...images.values()];
}

/** Names by the number of the option: three in Shopify's own exports, more in those of some tools. */
function optionNames(cells: ShopifyRow['cells']): OptionNames {
  const names = new Map<string, string>();
  for (const column of Object.keys(cells)) {
    const index = OPTION_NAME.exec(column)?.[1];
    const name = index && cell(cells, column);
    if (name) names.set(index, name);
  }
  return names;
}

const isVariant = (cells: ShopifyRow['cells']): boolean =>
  ['Variant Price', 'Variant SKU', 'Variant Inventory Qty', 'Option1 Value'].some((column) => cell(cells, column));

function statusOf(cells: ShopifyRow['cells']): ImportedProduct['status'] {
  const status = cell(cells, 'Status')?.toUpperCase();
  if (status === 'ACTIVE' || status === 'DRAFT' || status === 'ARCHIVED') return status;
  return cell(cells, 'Published')?.toLowerCase() === 'false' ? 'DRAFT' : 'ACTIVE';
}

function cell(cells: ShopifyRow['cells'], column: string): string | null {
  const text = cells[column]?.trim();
  return text ? text : null;
}

// Writes FILE.br and FILE.gz beside each file named on standard input, one a line. Node does this
// because it is there anyway and its compressors run at full speed, which ours in a debug build do not.
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// A font of ten megabytes at the highest quality takes half a minute, for a hundredth less.
const LARGE = 4 * 1024 * 1024;

const files = (await text(process.stdin)).split('\n').filter(Boolean);

await Promise.all(files.map(async (file) => {
  const content = await readFile(file);
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: content.length > LARGE ? 9 : 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    content.length > LARGE ? content : promisify(gzip)(content, { level: 9 }),
  ]);
  // What does not shrink is served as it is.
  if (br.length < content.length) await writeFile(`${file}.br`, br);
  if (gz.length < content.length) await writeFile(`${file}.gz`, gz);
}));

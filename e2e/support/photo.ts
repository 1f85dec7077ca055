// Pictures as they come out of a camera.
import type { Page } from '@playwright/test';

/** A photo of 2400 x 1800 as a camera writes it: with a note of its own beside the picture. */
export async function photo(page: Page, camera: string): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2400, 1800];
    const pen = canvas.getContext('2d')!;
    for (let n = 0; n < 40; n++) {
      pen.fillStyle = `hsl(${n * 9} 60% 55%)`;
      pen.fillRect(n * 60, 0, 60, 1800);
    }
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]!;
  });
  const jpeg = Buffer.from(base64, 'base64');
  const note = Buffer.concat([Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1'), Buffer.from(camera, 'latin1')]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(note.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, note, jpeg.subarray(2)]);
}

/** Sides beyond this are scaled down: a code in a photo stays readable, and the work stays short. */
const SIDE_MAX = 1600;

/** What the QR code in a picture holds, or null when none is found. The picture and its code are anybody's. */
export async function codeInPicture(file: File): Promise<Uint8Array | null> {
  const { codeIn } = await import('./view/qr');
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  // A picture without a ground is dark on nothing: give it paper.
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return codeIn({ width, height, data: context.getImageData(0, 0, width, height).data });
}

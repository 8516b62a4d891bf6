// The mask as one paints it: marks in the picture's form, which can be taken back one by one.

const kMostSide = 1024; // pixels; the server brings the mask to the picture's size
const kInk = '#e0357f';

/** Marks on `canvas`, whose form is that of a picture of `width` x `height` pixels. */
export class Mask {
  constructor(canvas, width, height) {
    const by = Math.min(1, kMostSide / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * by));
    canvas.height = Math.max(1, Math.round(height * by));
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { willReadFrequently: true });
    this.done = []; // what replay() repeats: strokes, pictures, 'clear'
  }

  /** Begins a stroke; `size` is its width in parts of the long side, `x` and `y` are from 0 to 1. */
  begin({ size, erase }, x, y) {
    this.done.push({ size, erase, points: [[x, y]] });
    this.line(this.done.at(-1), 0);
  }

  /** The stroke goes on. */
  go(x, y) {
    const stroke = this.done.at(-1);
    stroke.points.push([x, y]);
    this.line(stroke, stroke.points.length - 2);
  }

  // From point `first` on; a single point is a spot.
  line({ size, erase, points }, first) {
    const { context, canvas } = this;
    const at = ([x, y]) => [x * canvas.width, y * canvas.height];
    context.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
    context.strokeStyle = kInk;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.lineWidth = Math.max(1, size * Math.max(canvas.width, canvas.height));
    context.beginPath();
    const [x, y] = at(points[first]);
    context.moveTo(x, y);
    context.lineTo(x + 0.01, y); // a line of no length has no caps: no spot
    for (const point of points.slice(first)) context.lineTo(...at(point));
    context.stroke();
  }

  clear() {
    if (this.isEmpty()) return;
    this.done.push('clear');
    this.wipe();
  }

  wipe() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  undo() {
    this.done.pop();
    this.wipe();
    for (const step of this.done) {
      if (step === 'clear') this.wipe();
      else if (step.points) this.line(step, 0);
      else this.put(step);
    }
  }

  /** Takes over a mask's picture: its white parts are marked. */
  load(image) {
    const { width, height } = this.canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d');
    copy.drawImage(image, 0, 0, width, height);
    const pixels = copy.getImageData(0, 0, width, height);
    for (let k = 0; k < pixels.data.length; k += 4) pixels.data[k + 3] = pixels.data[k];
    copy.putImageData(pixels, 0, 0);
    copy.globalCompositeOperation = 'source-in';
    copy.fillStyle = kInk;
    copy.fillRect(0, 0, width, height);
    this.done = [copy.canvas];
    this.put(copy.canvas);
  }

  put(picture) {
    this.context.globalCompositeOperation = 'source-over';
    this.context.drawImage(picture, 0, 0);
  }

  /** How much of the picture is marked, from 0 to 1. */
  share() {
    const { data } = this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    let marked = 0;
    for (let k = 3; k < data.length; k += 4) marked += data[k];
    return marked / (255 * (data.length / 4));
  }

  isEmpty() {
    return this.share() === 0;
  }

  /** As the server takes it: a PNG, white where it is marked, else black. */
  picture() {
    const { width, height } = this.canvas;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    const over = (how, colour) => {
      context.globalCompositeOperation = how;
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
    };
    context.drawImage(this.canvas, 0, 0);
    over('source-in', '#fff');
    over('destination-over', '#000');
    return context.canvas.convertToBlob({ type: 'image/png' });
  }
}

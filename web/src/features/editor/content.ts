/** How a file is shown, by its name and size. Pure. */

/** Above this a file is not loaded into the editor; it is shown in windows, read-only. */
export const TEXT_BYTES_MAX = 20_000_000;

const IMAGE_TYPES: Record<string, string> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
};

/** The media type of an image that browsers show, by its name. */
export function imageType(path: string): string | undefined {
  const dot = path.lastIndexOf(".");
  return dot < 0 ? undefined : IMAGE_TYPES[path.slice(dot + 1).toLowerCase()];
}

const VIEWERS: Record<string, "pdf" | "audio" | "video"> = {
  pdf: "pdf",
  aac: "audio",
  flac: "audio",
  m4a: "audio",
  mp3: "audio",
  oga: "audio",
  ogg: "audio",
  opus: "audio",
  wav: "audio",
  m4v: "video",
  mov: "video",
  mp4: "video",
  ogv: "video",
  webm: "video",
};

/** What shows a file that is neither text nor an image, by its name. */
export function viewerOf(path: string): "pdf" | "audio" | "video" | undefined {
  return VIEWERS[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
}

/** Whether a file is rendered as Markdown, by its name. */
export function isMarkdown(path: string): boolean {
  return /\.(?:md|markdown|mdown|mkd)$/i.test(path);
}

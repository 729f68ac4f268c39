/** A PDF, drawn by pdf.js page by page as it comes into sight. A lazy chunk. */
import { ZoomIn, ZoomOut } from "lucide-react";
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from "pdfjs-dist";
import PdfWorker from "pdfjs-dist/build/pdf.worker.min.mjs?worker";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { IconButton } from "@/components/ui/icon-button";
import { DownloadLink } from "../other-views";

interface PdfViewProps {
  workspace: string;
  path: string;
  etag: string | undefined;
}

/** More pages are not laid out: each costs an element. */
const PAGES_MAX = 2000;
/** CSS pixels for a point of 1/72 inch. */
const SCALES = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

export function PdfView({ workspace, path, etag }: PdfViewProps) {
  const { t } = useTranslation("editor");
  const [pdf, setPdf] = useState<PDFDocumentProxy>();
  const [failure, setFailure] = useState<string>();
  const [scale, setScale] = useState(1.25);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another ETag is another content.
  useEffect(() => {
    GlobalWorkerOptions.workerPort ??= new PdfWorker();
    setFailure(undefined);
    const task = getDocument({
      url: contentUrl(workspace, path),
      // What a PDF may run stays off; the page's CSP forbids evaluation anyway.
      isEvalSupported: false,
      enableXfa: false,
      disableAutoFetch: true,
    });
    task.promise.then(setPdf, (error: unknown) =>
      setFailure(error instanceof Error ? error.message : String(error)),
    );
    return () => void task.destroy();
  }, [workspace, path, etag]);

  const step = (by: 1 | -1) => {
    const next =
      by === 1 ? SCALES.find((one) => one > scale) : SCALES.findLast((one) => one < scale);
    if (next !== undefined) setScale(next);
  };
  const pages = Math.min(pdf?.numPages ?? 0, PAGES_MAX);
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 items-center gap-3 border-b px-4 py-1.5 text-ink-2">
        <span>{pdf ? t("pdf.pages", { count: pdf.numPages }) : null}</span>
        <span className="flex items-center gap-1">
          <IconButton label={t("image.zoomOut")} onClick={() => step(-1)}>
            <ZoomOut />
          </IconButton>
          <IconButton label={t("image.zoomIn")} onClick={() => step(1)}>
            <ZoomIn />
          </IconButton>
        </span>
        <span className="flex-1" />
        <DownloadLink workspace={workspace} path={path} />
      </div>
      {failure === undefined ? null : (
        <p role="alert" className="p-4">
          {t("pdf.failed", { reason: failure })}
        </p>
      )}
      <section
        aria-label={t("pdf.content")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard.
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col items-center gap-4 overflow-auto bg-canvas p-4"
      >
        {pdf
          ? Array.from({ length: pages }, (_, index) => index + 1).map((number) => (
              <Page
                key={`${pdf.fingerprints[0]} ${number}`}
                pdf={pdf}
                number={number}
                scale={scale}
              />
            ))
          : null}
      </section>
    </div>
  );
}

/** The size of a page that was never near: A4, in points. */
const UNSEEN = { width: 595, height: 842 };

function Page({ pdf, number, scale }: { pdf: PDFDocumentProxy; number: number; scale: number }) {
  const { t } = useTranslation("editor");
  const canvas = useRef<HTMLCanvasElement>(null);
  const [near, setNear] = useState(false);
  const [size, setSize] = useState(UNSEEN);
  const [text, setText] = useState("");
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => setNear(entry?.isIntersecting ?? false),
      { rootMargin: "600px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !near) return;
    let cancel = () => {};
    let gone = false;
    const draw = async () => {
      const page = await pdf.getPage(number);
      if (gone) return;
      const { width, height } = page.getViewport({ scale: 1 });
      setSize({ width, height });
      const viewport = page.getViewport({ scale: scale * devicePixelRatio });
      element.width = Math.floor(viewport.width);
      element.height = Math.floor(viewport.height);
      const task = page.render({ canvas: element, viewport });
      cancel = () => task.cancel();
      await task.promise;
      const { items } = await page.getTextContent();
      if (!gone) setText(items.map((item) => ("str" in item ? item.str : "")).join(" "));
    };
    draw().catch(() => {
      // Cancelled, or a page that is broken: it stays blank, the others are drawn.
    });
    return () => {
      gone = true;
      cancel();
      // Pages out of sight give their memory back.
      element.width = 0;
    };
  }, [pdf, number, scale, near]);
  return (
    <figure className="shrink-0" aria-label={t("pdf.page", { number })}>
      <canvas
        ref={canvas}
        aria-hidden
        // What is drawn begins at the left; in a right-to-left page each letter would end where it begins.
        dir="ltr"
        className="block border bg-white"
        style={{ width: size.width * scale, height: size.height * scale }}
      />
      <figcaption className="sr-only">{text}</figcaption>
    </figure>
  );
}
